module github.com/plumbline/plumbline/sdk

go 1.25
