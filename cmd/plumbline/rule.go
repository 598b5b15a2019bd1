package main

import (
	"errors"
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
	c.AddCommand(ruleCheckCommand(), ruleTestCommand(code), ruleBacktestCommand())
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

func ruleBacktestCommand() *cobra.Command {
	var ask cli.Backtest
	var name string
	var threshold float64
	var most int
	c := &cobra.Command{
		Use:   "backtest FILE|DIR …",
		Short: "what a rule would have done: notices, incidents, how long it fired",
		Long: `backtest steps a rule of a file over the lines a server has, as it would have been
driven live: the same states, incidents and notices.`,
		Example: `  plumbline rule backtest rules/api.yaml --rule charges-fail --since 7d
  plumbline rule backtest rules/api.yaml --rule charges-fail --at-most 2`,
		Args: cobra.MinimumNArgs(1),
	}
	client := clientFlags(c)
	f := c.Flags()
	f.StringVar(&name, "rule", "", "`name` of the rule; not needed when there is one")
	f.StringVar(&ask.From, "since", "7d", "begin of the range: a `time` or how long ago")
	f.StringVar(&ask.To, "until", "", "end of the range: a `time`, as --since")
	f.Float64Var(&threshold, "threshold", 0, "`number` in place of the one in the condition")
	f.IntVar(&most, "at-most", 0, "find the threshold for at most so many `notices` a week")
	c.RunE = func(c *cobra.Command, args []string) error {
		var err error
		if ask.Rule, err = app.RuleOf(args, name); err != nil {
			return err
		}
		ask.From, ask.To = cli.Since(ask.From), cli.Since(ask.To)
		byThreshold, byMost := c.Flags().Changed("threshold"), c.Flags().Changed("at-most")
		switch {
		case byThreshold && byMost:
			return errors.New("--threshold says it, --at-most looks for it: give one of them")
		case byThreshold:
			ask.Threshold = &threshold
		case byMost:
			ask.AtMost = &most
		}
		_, err = ask.Run(c.Context(), client(), os.Stdout)
		return err
	}
	return c
}
