// Package web holds the page that the server shows at its root, as built from
// the sources beside this file. The built files are part of the repository, so
// that Go alone makes the whole binary.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var built embed.FS

// Files is the page: index.html, its icon, and what it loads under assets/.
// Names carry no hash of their content and files no time, so whoever serves
// them names each version by an ETag.
func Files() fs.FS {
	files, err := fs.Sub(built, "dist")
	if err != nil {
		// Only a malformed path fails here, and this one is a constant.
		return built
	}
	return files
}
