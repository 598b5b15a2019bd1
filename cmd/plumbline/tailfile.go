package main

import (
	"github.com/spf13/cobra"

	"github.com/plumbline/plumbline/internal/cli"
)

func tailFileCommand() *cobra.Command {
	var t cli.TailFile
	c := &cobra.Command{
		Use:   "tail-file GLOB…",
		Short: "follow log files and send what is written to them",
		Long: `tail-file follows files through renaming, truncation and restarts, of theirs and its
own; no line is lost or sent twice. What it has sent it remembers in --state. A file
that is written and renamed while nobody looks is found when the glob names the
rotated ones too: 'app.log*'.`,
		Args: cobra.MinimumNArgs(1),
	}
	client := clientFlags(c)
	f := c.Flags()
	f.StringVar(&t.State, "state", "plumbline-tail.state", "`file` that remembers what was sent")
	f.StringVar(&t.Dataset, "dataset", "", "`dataset` the lines go to (default app)")
	f.StringVar(&t.Format, "format", "", "`format` of the lines; found by looking when it is not said")
	c.RunE = func(c *cobra.Command, args []string) error {
		t.Globs = args
		return t.Run(c.Context(), client())
	}
	return c
}
