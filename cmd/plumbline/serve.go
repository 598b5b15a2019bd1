package main

import (
	"github.com/spf13/cobra"

	"github.com/plumbline/plumbline/internal/app"
)

func serveCommand() *cobra.Command {
	var load app.Loader
	c := &cobra.Command{
		Use:   "serve",
		Short: "take lines in, keep them, answer questions",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return app.Serve(c.Context(), load.Load, beside()) },
	}
	load.Bind(c.Flags())
	return c
}
