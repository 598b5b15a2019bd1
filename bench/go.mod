module github.com/plumbline/plumbline/bench

go 1.25
