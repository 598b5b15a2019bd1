package columnar

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

func someManifest() *manifest {
	return &manifest{
		dataset: "app", lastSeq: 900, nextPart: 12, log: 77,
		slots: []slotEntry{
			{slot: slot{-int64(time.Hour), int64(time.Hour)}, folder: "19691231T2300", mark: 5},
			{slot: slot{0, int64(time.Hour)}, folder: "19700101T0000", mark: 70, parts: []facts{
				{number: 3, rows: 10, groups: 1, bytes: 4000, minTime: -5, maxTime: 99, minSeq: 1, maxSeq: 40},
				{number: 11, rows: 1, groups: 1, bytes: 900, minTime: 7, maxTime: 7, minSeq: 900, maxSeq: 900},
			}},
		},
		graves: []grave{{slot{-7200e9, 3600e9}, 70}},
	}
}

func TestManifestKeepsAll(t *testing.T) {
	want := someManifest()
	got, damaged, err := decodeManifest(want.encode())
	if err != nil || damaged != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v, %v", got, damaged, err)
	}
}

// FuzzManifest reads bodies under a checksum that matches. What reads is
// written the same.
func FuzzManifest(f *testing.F) {
	whole := someManifest().encode()
	f.Add(whole[manifestHead : len(whole)/2-8])
	f.Fuzz(func(t *testing.T, body []byte) {
		data := append(append([]byte(nil), whole[:manifestHead]...), body...)
		m, err := decodeCopy(binary.LittleEndian.AppendUint64(data, xxh3.Hash(data)))
		if err != nil {
			return
		}
		again, _, err := decodeManifest(m.encode())
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Fatalf("written %+v, read %+v, %v", m, again, err)
		}
	})
}

// FuzzEntry reads entries. What reads is whole, and is written the same.
func FuzzEntry(f *testing.F) {
	m := newMaker(1)
	e := entry{when: 5, name: "name", receipt: []byte("receipt"), pieces: []piece{
		{batch: batchOf(m.lines("app", 3)), period: time.Hour},
		{batch: batchOf(m.lines("comm", 2)), period: 24 * time.Hour},
	}}
	data := e.encode(nil)
	e.pieces[0].number(data, 7)
	e.pieces[1].number(data, 9)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := decodeEntry(data)
		if err != nil || e.check() != nil {
			return
		}
		for _, p := range e.pieces {
			if p.batch.Len > 1000 {
				continue // whatever their times are, it takes long
			}
			for _, x := range place(newShelf(&Store{}, "x"), p) {
				colfile.Sorted(x.chunk.batch)
			}
		}
		again := e.encode(nil)
		for i := range e.pieces {
			e.pieces[i].number(again, e.pieces[i].first)
		}
		if back, err := decodeEntry(again); err != nil || len(back.pieces) != len(e.pieces) || back.name != e.name || !bytes.Equal(back.receipt, e.receipt) {
			t.Fatalf("written and read back: %+v, %v", back, err)
		}
	})
}

// FuzzNames reads names.
func FuzzNames(f *testing.F) {
	list := []*sighting{{hash: hashOf("a"), when: 1, receipt: []byte("x")}, {hash: hashOf("b"), when: 2}}
	f.Add(appendNames(nil, list))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := readNames(data)
		if err != nil {
			return
		}
		if again, err := readNames(appendNames(nil, list)); err != nil || len(again) != len(list) {
			t.Fatalf("%d names, %d read back, %v", len(list), len(again), err)
		}
	})
}
