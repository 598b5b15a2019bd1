package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/plumbline/plumbline/internal/app"
	"github.com/plumbline/plumbline/internal/cli"
)

// clientFlags are those of every command that talks to a server.
func clientFlags(c *cobra.Command) func() *cli.Client {
	server := cli.Usual()
	c.Flags().StringVar(&server, "server", server, "`address` of the server ("+cli.ServerVariable+")")
	token := c.Flags().String("token", os.Getenv("PLUMBLINE_TOKEN"), "`token` to show the server (PLUMBLINE_TOKEN)")
	c.Flags().Lookup("token").DefValue = ""
	return func() *cli.Client { return cli.NewClient(server, *token) }
}

// beside is how the commands of a client are started beside this program.
func beside() app.Client {
	return app.Client{Command: cli.Started(), Server: cli.NewClient(cli.Usual(), "").Base(), Variable: cli.ServerVariable}
}
