package main

import (
	"github.com/spf13/cobra"

	"github.com/plumbline/plumbline/internal/cli"
)

func ingestCommand(code *int) *cobra.Command {
	var in cli.Ingest
	c := &cobra.Command{
		Use:   "ingest FILE…",
		Short: "bring in log files",
		Long: `ingest sends files to a server: plain, .gz, .zst or .zip; - is standard input. The
format is found by looking. Lines that cannot be read are reported with their file and
number, kept by the server in the dataset _rejected, and end nothing. A run that broke
off is taken up where it stood when it is started again within a day.

A file that has grown since is another file, and all of it is sent: its beginning is
then stored twice. tail-file follows files that grow, and sends what is added.`,
		Args: cobra.MinimumNArgs(1),
	}
	client := clientFlags(c)
	f := c.Flags()
	f.StringVar(&in.Dataset, "dataset", "", "`dataset` the lines go to (default app)")
	f.StringVar(&in.Format, "format", "", "`format`: jsonl, logfmt, text, combined or gelf")
	f.StringVar(&in.TimeField, "time-field", "", "`field` that holds the time")
	f.StringVar(&in.MsgField, "msg-field", "", "`field` that holds the message")
	f.StringVar(&in.TimeFormat, "time-format", "auto", "how the time is written: auto, a strftime `layout`, unix, …")
	f.StringVar(&in.Multiline, "multiline", "", "how lines of text are joined: auto, off, or a `regexp` a first line matches")
	f.BoolVarP(&in.Quiet, "quiet", "q", false, "print errors only")
	c.RunE = func(c *cobra.Command, args []string) error {
		in.Paths = args
		var err error
		*code, err = in.Run(c.Context(), client())
		return err
	}
	return c
}
