package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/plumbline/plumbline/internal/cli"
)

// clientFlags are those of every command that talks to a server.
func clientFlags(c *cobra.Command) func() *cli.Client {
	server := os.Getenv("PLUMBLINE_SERVER")
	if server == "" {
		server = cli.DefaultServer
	}
	c.Flags().StringVar(&server, "server", server, "`address` of the server (PLUMBLINE_SERVER)")
	token := c.Flags().String("token", os.Getenv("PLUMBLINE_TOKEN"), "`token` to show the server (PLUMBLINE_TOKEN)")
	c.Flags().Lookup("token").DefValue = ""
	return func() *cli.Client { return cli.NewClient(server, *token) }
}
