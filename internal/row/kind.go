package row

// Kind says how a column holds its values, and what a Value is.
type Kind uint8

const (
	// Missing: no row has a value.
	Missing Kind = iota
	// Const: every row has the value One.
	Const
	// Dict: Codes[i] is a place in Dict.
	Dict
	// Text: row i is Bytes[Offs[i]:Offs[i+1]].
	Text
	// Int: Nums[i].
	Int
	// Decimal: Nums[i] · 10^-Digits[i]; the text comes back exactly.
	Decimal
	// Float: Floats[i]; only numbers that no Decimal can hold, and results.
	Float
	// Bool: bit i of Bits.
	Bool
	// Time: Nums[i] nanoseconds since the Unix epoch, UTC.
	Time
	// Hex: Prefix and then Width bytes, shown as lower-case hex.
	Hex
	// UUID: 16 bytes shown 8-4-4-4-12 in lower-case hex.
	UUID
	// Shape: Codes[i] is a literal text with holes in Dict, and the digits
	// that fill them are Bytes[Offs[i]:Offs[i+1]].
	Shape
	// List: Values[i] is a list.
	List
	// Mixed: Values[i] is of any kind a Value can be.
	Mixed
)

var kindNames = [...]string{"missing", "const", "dict", "text", "int", "decimal", "float", "bool", "time", "hex", "uuid", "shape", "list", "mixed"}

// String names the kind as documents and explain print it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Names of the fields every stored line has.
const (
	FieldTime    = "_time"    // when it happened, Time
	FieldSeq     = "_seq"     // its number within its dataset, Int
	FieldDataset = "_dataset" // where it is kept, text
	FieldMsg     = "_msg"     // the message, text
)
