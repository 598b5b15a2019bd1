package colfile

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// Every way to put verdicts on codes says what looking at each code says, at
// every width, for verdicts that are rare and for those that are not.
func TestSiftEveryWidth(t *testing.T) {
	r := rand.New(rand.NewPCG(67, 68))
	for width := 1; width <= 17; width++ {
		for _, n := range []int{1, 7, 8, 9, 63, 64, 65, 200, PageRows} {
			for _, one := range []int{2, 3, 5000} {
				table := make([]byte, 1<<width)
				for i := range table {
					if r.IntN(one) == 0 {
						table[i] = byte(r.IntN(3))
					}
				}
				codes := make([]uint32, n)
				yes, open := row.NewBitmap(n), row.NewBitmap(n)
				for i := range codes {
					codes[i] = uint32(r.IntN(len(table)))
					switch table[codes[i]] {
					case codeYes:
						yes.Set(i)
					case codeOpen:
						open.Set(i)
					}
				}
				packed := frame.Pack(nil, codes, width)
				short := new(byShort)
				for i := range short {
					short[i] = 3
				}
				copy(short[:], table)
				ways := map[string]func(yes, open row.Bitmap){
					"codes": func(yes, open row.Bitmap) { siftCodes(yes, open, codes, table) },
				}
				if width > 1 && width <= 4 {
					var together several
					together.of(width, table)
					ways["several"] = func(yes, open row.Bitmap) { together.sift(yes, open, packed) }
				}
				switch {
				case width == 1:
					ways["bits"] = func(yes, open row.Bitmap) { siftBits(yes, open, packed, table) }
				case width <= 8:
					ways["octets"] = func(yes, open row.Bitmap) { siftOctets(yes, open, packed, width, (*[256]byte)(short[:])) }
				case width <= 16:
					ways["quads"] = func(yes, open row.Bitmap) { siftQuads(yes, open, packed, width, short) }
				}
				for name, sift := range ways {
					gotYes, gotOpen := row.NewBitmap(n), row.NewBitmap(n)
					sift(gotYes, gotOpen)
					trim(gotYes, gotOpen, n)
					if !slices.Equal(gotYes, yes) || !slices.Equal(gotOpen, open) {
						t.Fatalf("%s: %d codes of %d bits, one verdict in %d: wrong rows", name, n, width, one)
					}
				}
			}
		}
	}
}
