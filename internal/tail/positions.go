package tail

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/plumbline/plumbline/internal/disk"
)

// The file of positions is replaced whole each time:
//
//	{"version":1,"files":[
//	  {"id":"18f2…-1","path":"/var/log/app.log","dev":2049,"ino":131,
//	   "offset":52417,"pending":811,
//	   "marks":{"head_bytes":1024,"head":"…","trail_bytes":256,"trail":"…"}}, …]}
const (
	positionsVersion = 1
	// A file of positions takes 400 bytes for each followed file.
	positionsMost = 16 << 20
)

type positions struct {
	Version int        `json:"version"`
	Files   []position `json:"files"`
}

// position is how far a file was read.
type position struct {
	ID      string `json:"id"` // of this file and no other that ever had its name
	Path    string `json:"path"`
	Dev     uint64 `json:"dev"`
	Ino     uint64 `json:"ino"`
	Offset  int64  `json:"offset"`            // everything before was taken
	Pending int64  `json:"pending,omitempty"` // so many bytes were about to be handed on
	Marks   marks  `json:"marks"`
}

// identity is what the file system knows a file by.
type identity struct{ Dev, Ino uint64 }

func (f *Follower) load() error {
	text, err := disk.ReadFile(f.o.State, f.o.StateFile, positionsMost)
	if errors.Is(err, fs.ErrNotExist) {
		f.first = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("positions of followed files: %w", err)
	}
	var p positions
	if err := json.Unmarshal(text, &p); err != nil {
		return fmt.Errorf("positions of followed files in %s: %w; remove it to follow from the beginning", f.o.StateFile, err)
	}
	if p.Version != positionsVersion {
		return fmt.Errorf("positions of followed files in %s are of version %d, this program knows %d", f.o.StateFile, p.Version, positionsVersion)
	}
	for _, saved := range p.Files {
		if saved.Offset < 0 || saved.Pending < 0 || saved.Marks.HeadBytes < 0 || saved.Marks.HeadBytes > headBytes ||
			saved.Marks.TrailBytes < 0 || saved.Marks.TrailBytes > trailBytes || int64(saved.Marks.TrailBytes) > saved.Offset {
			return fmt.Errorf("positions of followed files in %s: those of %s cannot be; remove it to follow from the beginning", f.o.StateFile, saved.Path)
		}
		f.streams = append(f.streams, &stream{position: saved, id: identity{saved.Dev, saved.Ino}})
	}
	return nil
}

func (f *Follower) save() error {
	p := positions{Version: positionsVersion, Files: []position{}}
	for _, s := range f.streams {
		if !s.shadow {
			s.Dev, s.Ino = s.id.Dev, s.id.Ino
			p.Files = append(p.Files, s.position)
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("positions of followed files: %w", err)
	}
	if err := disk.WriteFileAtomic(f.o.State, f.o.StateFile, text); err != nil {
		return fmt.Errorf("positions of followed files: %w", err)
	}
	return nil
}
