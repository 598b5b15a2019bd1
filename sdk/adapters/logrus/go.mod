module github.com/plumbline/plumbline/sdk/adapters/logrus

go 1.25

require (
	github.com/plumbline/plumbline/sdk v0.0.0
	github.com/sirupsen/logrus v1.9.3
)

require golang.org/x/sys v0.0.0-20220715151400-c0bba94af5f8 // indirect

replace github.com/plumbline/plumbline/sdk => ../../
