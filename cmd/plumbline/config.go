package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plumbline/plumbline/internal/app"
)

func configCommand() *cobra.Command {
	var load app.Loader
	check := &cobra.Command{
		Use:   "check",
		Short: "read the configuration as serve would, and say what is wrong with it",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			loaded, err := load.Load()
			if err != nil {
				return err
			}
			if err := app.CheckNamed(loaded); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), "the configuration is good")
			return nil
		},
	}
	load.Bind(check.Flags())
	c := &cobra.Command{Use: "config", Short: "work with the configuration"}
	c.AddCommand(check)
	return c
}
