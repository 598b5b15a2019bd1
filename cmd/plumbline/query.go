package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline/plumbline/internal/cli"
)

func queryCommand(code *int) *cobra.Command {
	var ask cli.Ask
	var since, until string
	c := &cobra.Command{
		Use:   "query QUESTION",
		Short: "ask a question",
		Long: `query asks a server a question of the language and prints the answer.

Exit codes: 0 rows were found, 1 nothing was found, 2 the question is wrong or
failed, 3 no server answers.`,
		Example: `  plumbline query --since 1h 'canonical-log-line | stats count by http_status'
  plumbline query -o json 'level=error' | jq .
  plumbline query --follow 'service=api level=error'`,
		Args: cobra.MinimumNArgs(1),
	}
	client := clientFlags(c)
	f := c.Flags()
	f.StringVar(&since, "since", "", "begin of the range: `time` (2026-01-31T12:00:00Z) or how long ago (1h, 7d)")
	f.StringVar(&until, "until", "", "end of the range: a `time`, as --since")
	f.StringVarP(&ask.Output, "output", "o", "table", "`format`: table, json (an object a line), csv or logfmt")
	f.BoolVarP(&ask.Follow, "follow", "f", false, "go on with lines as they come")
	f.StringVar(&ask.Color, "color", "auto", "`when` to use colours: auto, always or never")
	f.BoolVar(&ask.Pager, "pager", true, "show long answers in a pager ($PAGER, or less)")
	c.RunE = func(c *cobra.Command, args []string) error {
		ask.Question = strings.Join(args, " ")
		ask.From, ask.To = cli.Since(since), cli.Since(until)
		var err error
		*code, err = ask.Run(c.Context(), client())
		if mark := cli.Mark(err, ask.Question); mark != "" {
			fmt.Fprintln(os.Stderr, mark)
		}
		return err
	}
	return c
}
