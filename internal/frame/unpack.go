package frame

import "encoding/binary"

// A width is a type here, for the compiler to make code for each one: what is
// shifted by a constant takes half the time of what is shifted by a variable.
type width interface {
	[1]bit | [2]bit | [3]bit | [4]bit | [5]bit | [6]bit | [7]bit | [8]bit | [9]bit | [10]bit |
		[11]bit | [12]bit | [13]bit | [14]bit | [15]bit | [16]bit | [17]bit | [18]bit | [19]bit |
		[20]bit | [21]bit | [22]bit | [23]bit | [24]bit | [25]bit | [26]bit | [27]bit | [28]bit
}

type bit struct{}

// Unpack reads len(dst) values. packed holds PackedLen(len(dst), width) bytes
// or more. It is long because it names every width.
func Unpack[T Word](dst []T, packed []byte, width int) {
	switch width {
	case 0:
		clear(dst)
	case 1:
		unpackOctets[[1]bit](dst, packed)
	case 2:
		unpackOctets[[2]bit](dst, packed)
	case 3:
		unpackOctets[[3]bit](dst, packed)
	case 4:
		unpackOctets[[4]bit](dst, packed)
	case 5:
		unpackOctets[[5]bit](dst, packed)
	case 6:
		unpackOctets[[6]bit](dst, packed)
	case 7:
		unpackOctets[[7]bit](dst, packed)
	case 8:
		unpackOctets[[8]bit](dst, packed)
	case 9:
		unpackPairs[[9]bit](dst, packed)
	case 10:
		unpackPairs[[10]bit](dst, packed)
	case 11:
		unpackPairs[[11]bit](dst, packed)
	case 12:
		unpackPairs[[12]bit](dst, packed)
	case 13:
		unpackPairs[[13]bit](dst, packed)
	case 14:
		unpackPairs[[14]bit](dst, packed)
	case 15:
		unpackPairs[[15]bit](dst, packed)
	case 16:
		unpackPairs[[16]bit](dst, packed)
	case 17:
		unpackPairs[[17]bit](dst, packed)
	case 18:
		unpackPairs[[18]bit](dst, packed)
	case 19:
		unpackPairs[[19]bit](dst, packed)
	case 20:
		unpackPairs[[20]bit](dst, packed)
	case 21:
		unpackPairs[[21]bit](dst, packed)
	case 22:
		unpackPairs[[22]bit](dst, packed)
	case 23:
		unpackPairs[[23]bit](dst, packed)
	case 24:
		unpackPairs[[24]bit](dst, packed)
	case 25:
		unpackPairs[[25]bit](dst, packed)
	case 26:
		unpackPairs[[26]bit](dst, packed)
	case 27:
		unpackPairs[[27]bit](dst, packed)
	case 28:
		unpackPairs[[28]bit](dst, packed)
	default:
		unpackWide(dst, packed, width)
	}
}

// unpackOctets takes eight values out of one word.
func unpackOctets[W width, T Word](dst []T, packed []byte) {
	var of W
	w := len(of)
	mask := uint64(1)<<w - 1
	for len(dst) >= 8 && len(packed) >= 8 {
		d, x := (*[8]T)(dst), binary.LittleEndian.Uint64(packed)
		d[0], d[1], d[2], d[3] = T(x&mask), T(x>>w&mask), T(x>>(2*w)&mask), T(x>>(3*w)&mask)
		d[4], d[5], d[6], d[7] = T(x>>(4*w)&mask), T(x>>(5*w)&mask), T(x>>(6*w)&mask), T(x>>(7*w)&mask)
		dst, packed = dst[8:], packed[w:]
	}
	unpackEach(dst, packed, w)
}

// unpackPairs takes two values out of each of four words: with the 7 bits before
// them they fit one. Eight values fill as many bytes as a value has bits.
func unpackPairs[W width, T Word](dst []T, packed []byte) {
	var of W
	w := len(of)
	mask := uint64(1)<<w - 1
	reach := 6*w/8 + 8 // of the last of the words
	for len(dst) >= 8 && len(packed) >= reach {
		d := (*[8]T)(dst)
		x := binary.LittleEndian.Uint64(packed)
		d[0], d[1] = T(x&mask), T(x>>w&mask)
		x = binary.LittleEndian.Uint64(packed[2*w/8:]) >> (2 * w % 8)
		d[2], d[3] = T(x&mask), T(x>>w&mask)
		x = binary.LittleEndian.Uint64(packed[4*w/8:]) >> (4 * w % 8)
		d[4], d[5] = T(x&mask), T(x>>w&mask)
		x = binary.LittleEndian.Uint64(packed[6*w/8:]) >> (6 * w % 8)
		d[6], d[7] = T(x&mask), T(x>>w&mask)
		dst, packed = dst[8:], packed[w:]
	}
	unpackEach(dst, packed, w)
}

func unpackWide[T Word](dst []T, packed []byte, width int) {
	i := 0
	if width <= 57 { // a value and the 7 bits before it fit one word
		mask := uint64(1)<<width - 1
		for bit := 0; i < len(dst) && bit>>3+8 <= len(packed); i++ {
			dst[i] = T(binary.LittleEndian.Uint64(packed[bit>>3:]) >> (bit & 7) & mask)
			bit += width
		}
	}
	for ; i < len(dst); i++ {
		dst[i] = T(At(packed, i, width))
	}
}

func unpackEach[T Word](dst []T, packed []byte, width int) {
	for i := range dst {
		dst[i] = T(At(packed, i, width))
	}
}
