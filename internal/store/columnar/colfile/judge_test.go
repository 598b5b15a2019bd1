package colfile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// searches are asked of canonical lines.
var searches = []string{
	`*`, `level=info`, `level=fatal`, `level!=info`, `http_status=200`, `http_status=200.0`, `http_status>=500`, `http_status<600`, `http_status>599`,
	`http_status=4*`, `duration>0`, `duration<0`, `duration>1e9`, `duration=0.05`, `duration!=0.05`, `alloc_count>=5000`, `alloc_count<5000`, `alloc_count=1`,
	`alloc_count in (1, 2, 3)`, `request_id=req_0000000000000000`, `request_id=REQ_0000000000000000`, `trace_id=x`, `request_id in (a, b)`,
	`nobody=1`, `nobody!=1`, `not nobody=1`, `nobody=*`, `level=*`, `canonical`, `"canonical-log-line"`, `_msg=canonical-log-line`, `user_id=usr_1`,
	`user_id=usr_x`, `service=api-* level=info`, `rate_allowed=true`, `rate_allowed=maybe`, `host~"host-0."`, `host~"^x"`, `sparse=*`, `sparse=GET`, `sparse!=GET`,
	`_dataset=canonical`, `any=req_1`, `rate_quota=100 or rate_quota=200 or rate_quota=300 or rate_quota=400`, `_time>2020`, `_time<1`,
}

func TestJudgeAgreesWithTheRows(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 52))
	b := canonical(3000)
	b = b.With(sparse(r, b.Len))
	g := groupOf(t, b)
	var texts []string
	for _, field := range []string{"request_id", "trace_id", "user_id", "duration", "alloc_count", "http_path"} {
		texts = append(texts, fmt.Sprintf("%s=%s", field, b.Col(field).Value(r.IntN(b.Len)).Text()))
	}
	decided := 0
	for _, text := range append(texts, searches...) {
		e, err := expr.NewReader(text, nil).Search()
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		ev := expr.NewEvaluator(expr.Env{})
		want := ev.Filter(e, b).Count()
		switch left := expr.Simplify(e, func(e expr.Expr) expr.Verdict { return g.Judge(e, ev, nil) }).(type) {
		case *expr.None:
			decided++
			if want != 0 {
				t.Errorf("%s: judged to match nothing, matches %d rows", text, want)
			}
		case *expr.Every:
			decided++
			if want != b.Len {
				t.Errorf("%s: judged to match all, matches %d of %d rows", text, want, b.Len)
			}
		default:
			if got := ev.Filter(left, b).Count(); got != want {
				t.Errorf("%s: simplified to %s: %d rows, want %d", text, left, got, want)
			}
		}
	}
	if decided < 20 {
		t.Errorf("only %d questions are decided without reading", decided)
	}
}

func groupOf(t testing.TB, b *row.Batch) *Group {
	t.Helper()
	g, err := openPart(t, partOf(t, b)).Group(0)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestIndexNeverDenyAValue(t *testing.T) {
	r := rand.New(rand.NewPCG(53, 54))
	b := &row.Batch{Dataset: "test", Len: 5000, Cols: order(r, 5000)}
	ids := row.Column{Name: "id", Kind: row.Text, Offs: []uint32{0}}
	forms := []func() string{
		func() string { return fmt.Sprintf("%d", r.IntN(1000)) },
		func() string { return fmt.Sprintf("%d.%d0", r.IntN(1000), r.IntN(10)) },
		func() string { return fmt.Sprintf("0.%012d", r.IntN(1000)) },
		func() string { return fmt.Sprintf("%de%d", r.IntN(1000), r.IntN(10)) },
		func() string { return fmt.Sprintf("Straße-ſK-%X", r.Uint64()) },
		func() string { return fmt.Sprintf("%x", r.Uint64()) },
		func() string { return string([]byte{0xff, byte(r.IntN(256)), byte(r.IntN(256)), 'A'}) },
	}
	for range b.Len {
		ids.Bytes = append(ids.Bytes, forms[r.IntN(len(forms))]()...)
		ids.Offs = append(ids.Offs, uint32(len(ids.Bytes)))
	}
	g := groupOf(t, b.With(ids))
	if !g.Facts("id").Indexed {
		t.Fatal("no index")
	}
	ev := expr.NewEvaluator(expr.Env{})
	for i := range b.Len {
		text := ids.Value(i).Text()
		for _, form := range []string{text, upper(text), withZero(text), withExponent(text)} {
			e := &expr.Compare{Field: "id", Op: expr.Eq, Pattern: expr.LiteralPattern(form)}
			one := &row.Batch{Len: 1, Cols: []row.Column{row.ConstColumn("id", row.TextOf(text))}}
			if !ev.Filter(e, one).Has(0) {
				continue // a search would not find it either
			}
			if may, err := g.MayHold("id", form, nil); !may || err != nil {
				t.Fatalf("%q is there and the index denies %q: %v", text, form, err)
			}
		}
	}
	false3 := 0
	for i := range 2000 {
		if may, _ := g.MayHold("id", fmt.Sprintf("not there %d", i), nil); may {
			false3++
		}
	}
	if false3 > 40 { // 0.4 % are expected
		t.Errorf("%d of 2000 strangers pass the index", false3)
	}
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// withZero is a number written with one more digit.
func withZero(s string) string {
	if n := row.TextOf(s).Number(); n.Kind == row.Decimal {
		return s + "0"
	} else if n.Kind == row.Int {
		return s + ".0"
	}
	return s
}

func withExponent(s string) string {
	if f, ok := row.TextOf(s).Float(); ok {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	return s
}

// Shapes without their digits are those of the column.
func TestShapesAreTheColumn(t *testing.T) {
	r := rand.New(rand.NewPCG(55, 56))
	b := canonical(PageRows + 100)
	gaps := messagesOf(r, b.Len)
	gaps.Name, gaps.Nulls = "gaps", someRows(r, b.Len, 3)
	g := groupOf(t, b.With(messagesOf(r, b.Len)).With(gaps))
	for _, name := range []string{"msg", "gaps"} {
		for _, rows := range []row.Bitmap{nil, someRows(r, b.Len, 40)} {
			want, err := g.Column(name, rows, nil)
			if err != nil || want.Kind != row.Shape {
				t.Fatal(name, want.Kind, err)
			}
			var got row.Column
			if err := g.ShapesInto(&got, name, rows, nil); err != nil {
				t.Fatal(err)
			}
			for i := range want.Codes {
				if want.Has(i) != !got.Nulls.Has(i) || want.Has(i) && want.Dict.At(want.Codes[i]) != got.Dict.At(got.Codes[i]) {
					t.Fatalf("%s row %d of %d: another shape", name, i, len(want.Codes))
				}
			}
		}
	}
	if err := g.ShapesInto(&row.Column{}, "level", nil, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("shapes of a field that has none: %v", err)
	}
}

func TestTimeRows(t *testing.T) {
	r := rand.New(rand.NewPCG(57, 58))
	b := &row.Batch{Dataset: "test", Len: 2*PageRows + 77, Cols: order(r, 2*PageRows+77)}
	g := groupOf(t, b)
	times := b.Cols[0].Nums
	for range 200 {
		from := times[0] + int64(r.IntN(int(times[b.Len-1]-times[0]+10)))*11/10 - 5
		to := from + int64(r.IntN(1e9))
		lo, hi, err := g.TimeRows(from, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, at := range times {
			if (at >= from && at < to) != (i >= lo && i < hi) {
				t.Fatalf("%d to %d: rows %d to %d, but row %d is at %d", from, to, lo, hi, i, at)
			}
		}
	}
}

func TestUsageCountsWhatIsRead(t *testing.T) {
	g := groupOf(t, canonical(2*PageRows))
	var use Usage
	one := row.NewBitmap(2 * PageRows)
	one.Set(PageRows + 5)
	if _, err := g.Column("duration", one, &use); err != nil {
		t.Fatal(err)
	}
	if use.Columns != 1 || use.Pages != 1 || use.Bytes == 0 {
		t.Errorf("%+v for one row of two pages", use)
	}
}

// TestFlippedIndexDeniesNothing flips bytes of an index: asked about what the group
// holds, it says that it is damaged, or that it may be there.
func TestFlippedIndexDeniesNothing(t *testing.T) {
	b := canonical(600)
	data := partOf(t, b)
	ids := b.Col("request_id")
	f, err := openPart(t, data).footer()
	if err != nil {
		t.Fatal(err)
	}
	index := f.fields[f.byName["request_id"]].index
	if index.count == 0 {
		t.Fatal("there is no index of request_id")
	}
	found := 0
	for at := index.off; at < index.cells.off; at += 3 {
		bad := bytes.Clone(data)
		bad[at] ^= 1 << (at % 8)
		g, err := openPart(t, bad).Group(0)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Len {
			may, err := g.MayHold("request_id", ids.Value(i).Text(), nil)
			if !may && err == nil {
				t.Fatalf("byte %d is flipped, and an id that is there is denied", at)
			}
			if err != nil {
				found++
			}
		}
	}
	if found == 0 {
		t.Error("no flip was found")
	}
}
