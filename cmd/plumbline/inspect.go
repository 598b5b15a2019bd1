package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/plumbline/plumbline/internal/app"
)

func inspectCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "inspect DIR",
		Short: "show what a data folder holds, and check every byte of it",
		Long:  "inspect reads the folder of a server that is not running: its parts, columns, encodings and sizes.",
		Args:  cobra.ExactArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return app.Inspect(os.Stdout, args[0]) },
	}
}
