package colfile

import "encoding/binary"

// window is what is wanted in the runs that begin at sixteen digits of a shape.
type window struct {
	want probe
	may  uint64 // the top bits of the half bytes where a run may begin
	at   uint32 // in bytes of the row
	more uint32 // 1: the shape has another one behind it
}

// take lets runs that begin so begin at some places side by side.
func (w *window) take(first []byte, from, places int) {
	const each, top = 0x1111111111111111, 0x8888888888888888
	those := ^uint64(0) >> (64 - 4*places) << (4 * from)
	for d, want := range []*uint64{&w.want.first, &w.want.second, &w.want.third}[:len(first)] {
		*want |= uint64(first[d]) * each & those
	}
	w.may |= top & those
}

// probe is the digits from which the runs of a window go on: the first of each,
// the second, the third. In all places at once they let one in a thousand pass,
// which are then looked at one by one.
type probe struct{ first, second, third uint64 }

const (
	probed = 3                         // digits of a run
	inWord = 16                        // half bytes
	reach  = (inWord + probed - 1) / 2 // bytes that a probe is taken from
)

func probeOf(b []byte) probe {
	first, third := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[1:])
	return probe{first, first>>4 | third<<4, third}
}

// lastProbe is that of fewer bytes, zeros behind them.
func lastProbe(b []byte) probe {
	var last [reach]byte
	copy(last[:], b)
	return probeOf(last[:])
}

// like marks the half bytes, by their top bits, where so many digits are as in
// another probe.
func (p probe) like(o probe, digits int) uint64 {
	differ := p.first ^ o.first
	if digits > 1 {
		differ |= p.second ^ o.second
	}
	if digits > 2 {
		differ |= p.third ^ o.third
	}
	return zeroHalves(differ)
}

// zeroHalves marks the half bytes of a word that are zero by their top bits.
func zeroHalves(word uint64) uint64 {
	const low = 0x7777777777777777
	return ^(word&low + low | word) &^ low
}

// less takes the digits of by away, modulo ten where decimal marks them.
func (p probe) less(by, decimal probe) probe {
	return probe{
		lessHalves(p.first, by.first, decimal.first),
		lessHalves(p.second, by.second, decimal.second),
		lessHalves(p.third, by.third, decimal.third),
	}
}

// lessHalves takes the half bytes of b from those of a, modulo ten where decimal
// marks them, else modulo sixteen.
func lessHalves(a, b, decimal uint64) uint64 {
	const top = 0x8888888888888888
	less := (a | top) - b&^top ^ (a^^b)&top // none borrows from the next
	borrowed := (^a&b | ^(a^b)&less) & top
	return less - (borrowed>>1|borrowed>>2)&decimal // six less, where it was sixteen more
}
