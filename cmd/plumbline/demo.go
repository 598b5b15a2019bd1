package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline/plumbline/internal/app"
)

func demoCommand() *cobra.Command {
	d := app.Demo{Client: beside()}
	c := &cobra.Command{
		Use:   "demo",
		Short: "a server and a small service under load, to try things on",
		Long: `demo starts a server over a fresh temporary folder and a small but real service
under its own load on this machine. After a minute something breaks; the questions
it prints find out what. Ctrl-C ends it and takes the folder away.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return d.Run(c.Context()) },
	}
	c.Flags().StringVar(&d.Listen, "listen", "127.0.0.1:7420", "`address` to listen on")
	c.Flags().IntVar(&d.Rate, "rate", 50, "`requests` a second of the service")
	c.Flags().DurationVar(&d.FaultAfter, "fault-after", time.Minute, "`time` until something breaks")
	return c
}
