// Command plumbline is the whole product: server, client and agent.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/plumbline/plumbline/internal/app"
	"github.com/plumbline/plumbline/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	code := cli.ExitOK
	root := &cobra.Command{
		Use:           "plumbline",
		Short:         "tells what is happening in your systems, and why",
		Version:       app.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(serveCommand(), demoCommand(), queryCommand(&code), ingestCommand(&code), tailFileCommand(), inspectCommand(), configCommand(), ruleCommand(&code))
	err := root.ExecuteContext(ctx)
	stop()
	os.Exit(conclude(code, err))
}

// conclude says what went wrong and gives the exit code.
func conclude(code int, err error) int {
	if err == nil {
		return code
	}
	fmt.Fprintln(os.Stderr, "plumbline:", err)
	var u *cli.Unreachable
	if errors.As(err, &u) {
		return cli.ExitUnreachable
	}
	return cli.ExitError
}
