package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/dateline/dateline/pkg/app"
	"github.com/spf13/cobra"
)

func (c *cli) backup() *cobra.Command {
	return &cobra.Command{
		Use: "backup DEST", Short: "Write everything into a new folder, while ingest goes on",
		Long: `Backup writes all tables, the subscriptions, what pollers remember, what is known,
the dead letters, and the messages that are still under way into a folder. What it
holds is a state that was, to the message: restored, every article is there once.

Where it is cut short the same command goes on with it; until it is done the
folder has the ending .partial. It holds no passwords and no secrets of feeds,
but the texts of articles and the addresses of feeds.`,
		Example: example("dateline backup /backup/dateline-$(date +%F)", "dateline restore --check /backup/dateline-2026-01-31"),
		Args:    argCount(1, 1, "one DEST"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(a *app.App) error {
				m, err := a.Backup(cmd.Context(), args[0], c.quietly())
				if err != nil {
					return fmt.Errorf("backup: %w", err)
				}
				return c.backedUp(args[0], m)
			})
		},
	}
}

// backupLine is a line of --json.
type backupLine struct {
	Kind  string `json:"kind"` // table or topic
	Name  string `json:"name"`
	Count string `json:"count"` // of rows or messages
	Bytes string `json:"bytes"`
}

func (c *cli) backedUp(dir string, m *app.Manifest) error {
	var all, rows uint64
	var bytes int64
	var lines []backupLine
	add := func(kind, name string, count uint64, files []app.BackedFile) {
		n := int64(0)
		for _, f := range files {
			n += f.Bytes
		}
		bytes += n
		lines = append(lines, backupLine{kind, name, strconv.FormatUint(count, 10), strconv.FormatInt(n, 10)})
	}
	for _, t := range m.Tables {
		var files []app.BackedFile
		for _, p := range t.Partitions {
			files = append(files, p.Files...)
		}
		rows += t.Rows
		add("table", t.Name, t.Rows, files)
	}
	for _, t := range m.Topics {
		all += t.Messages
		add("topic", t.Name, t.Messages, t.Files)
	}
	if c.json {
		return jsonLines(c.out, lines)
	}
	_, err := fmt.Fprintf(c.out, "%s: %d rows, %d messages, %.1f MB in %d files, as of %s\n", dir, rows, all, float64(bytes)/1e6, len(m.Files()), m.At.Format("2006-01-02 15:04:05"))
	return err
}

// quietly leaves out what a person would read where a program does.
func (c *cli) quietly() io.Writer {
	if c.json {
		return io.Discard
	}
	return c.err
}
