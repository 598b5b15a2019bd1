package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/plumbline/plumbline/internal/app"
	"github.com/plumbline/plumbline/internal/cli"
)

func ruleCommand(code *int) *cobra.Command {
	c := &cobra.Command{
		Use:   "rule",
		Short: "check and test the rules that make alerts",
		Long: `rule works on files of rules: questions that are asked again and again, and what
is to be said of their answers. docs/rules.md describes them.`,
	}
	c.AddCommand(ruleCheckCommand(), ruleTestCommand(code))
	return c
}

func ruleCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "check FILE|DIR …",
		Short:   "read files of rules and say what is wrong in them",
		Example: "  plumbline rule check rules/",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return app.CheckRules(os.Stdout, args) },
	}
}

func ruleTestCommand(code *int) *cobra.Command {
	return &cobra.Command{
		Use:   "test FILE …",
		Short: "run rules over the lines of a text file and compare what comes of it",
		Long: `test steps the rules of a text file over its lines, as a server would, and
compares the alerts and notices with those the file wants. Lines that came and were
not wanted begin with +, those that were wanted and did not come with -.

Exit codes: 0 all came as wanted, 1 some did not, 2 a file is wrong.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			failed, err := app.TestRules(c.Context(), os.Stdout, args)
			if failed > 0 {
				*code = cli.ExitNothing
			}
			return err
		},
	}
}
