package bus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// foreign turns a value into what godbus uses for it.
func foreign(v any) any {
	switch v := v.(type) {
	case ObjectPath:
		return dbus.ObjectPath(v)
	case Signature:
		return dbus.ParseSignatureMust(string(v))
	case Variant:
		return dbus.MakeVariantWithSignature(foreign(v.Value), dbus.ParseSignatureMust(string(v.Sig)))
	case Struct:
		fields := make([]reflect.StructField, len(v))
		for i, f := range v {
			fields[i] = reflect.StructField{Name: "F" + string(rune('A'+i)), Type: reflect.TypeOf(foreign(f))}
		}
		out := reflect.New(reflect.StructOf(fields)).Elem()
		for i, f := range v {
			out.Field(i).Set(reflect.ValueOf(foreign(f)))
		}
		return out.Interface()
	case []ObjectPath:
		out := make([]dbus.ObjectPath, len(v))
		for i, p := range v {
			out[i] = dbus.ObjectPath(p)
		}
		return out
	case Dict:
		out := make(map[string]dbus.Variant, len(v))
		for _, e := range v {
			out[e.Key] = foreign(e.Value).(dbus.Variant)
		}
		return out
	}
	return v
}

// samples are values of each type. No Dict has more than one entry, because
// godbus writes maps in random order.
var samples = []any{
	byte(7), true, false, int16(-2), uint16(0xabcd), int32(-5), uint32(0xdeadbeef),
	int64(math.MinInt64), uint64(math.MaxUint64), 3.25, "", "text ü", ObjectPath("/"),
	ObjectPath("/fi/w1/wpa_supplicant1/Interfaces/0"), Signature(""), Signature("a{s(ai)}"),
	MakeVariant("x"), MakeVariant(MakeVariant(uint16(9))), Dict{}, Dict{{"ssid", MakeVariant([]byte("a\x00b"))}},
	[]byte{}, []byte{1, 2, 3}, [][]byte{}, [][]byte{{1}, {}, {2, 3}}, []string{}, []string{"a", "bc", ""},
	[]ObjectPath{"/", "/a"}, []uint16{1, 2, 3}, []int32{-1}, []uint32{9, 8},
	Struct{byte(1), uint64(2), "three"}, Struct{Struct{uint16(1)}, []byte{2}},
	MakeVariant(Struct{uint32(1), uint32(2)}), MakeVariant(Dict{{"k", MakeVariant(Dict{{"l", MakeVariant(true)}})}}),
}

// body encodes values as a signal and returns the bytes behind the header.
func foreignBody(t *testing.T, order binary.ByteOrder, values ...any) (Signature, []byte) {
	t.Helper()
	sig, err := SignatureOf(values...)
	if err != nil {
		t.Fatal(err)
	}
	msg := dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath:      dbus.MakeVariant(dbus.ObjectPath("/")),
		dbus.FieldInterface: dbus.MakeVariant("a.b"),
		dbus.FieldMember:    dbus.MakeVariant("C"),
		dbus.FieldSignature: dbus.MakeVariant(dbus.ParseSignatureMust(string(sig))),
	}}
	for _, v := range values {
		msg.Body = append(msg.Body, foreign(v))
	}
	var buf bytes.Buffer
	if err := msg.EncodeTo(&buf, order); err != nil {
		t.Fatal(err)
	}
	n := int(order.Uint32(buf.Bytes()[4:]))
	return sig, buf.Bytes()[buf.Len()-n:]
}

func TestEncodeAgreesWithGodbus(t *testing.T) {
	// Each sample after every other gives all alignments.
	for _, first := range samples {
		for _, second := range samples {
			wantSig, want := foreignBody(t, binary.LittleEndian, first, second)
			sig, got, err := EncodeBody(first, second)
			if err != nil {
				t.Fatalf("%#v, %#v: %v", first, second, err)
			}
			if sig != wantSig || !bytes.Equal(got, want) {
				t.Fatalf("%#v, %#v (%s)\n got %x\nwant %x", first, second, sig, got, want)
			}
		}
	}
}

func TestDecodeAgreesWithGodbus(t *testing.T) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, first := range samples {
			for _, second := range samples {
				sig, body := foreignBody(t, order, first, second)
				got, err := DecodeBody(order, sig, body)
				if err != nil {
					t.Fatalf("%v %s %x: %v", order, sig, body, err)
				}
				if want := []any{first, second}; !reflect.DeepEqual(got, want) {
					t.Fatalf("%v %s %x\n got %#v\nwant %#v", order, sig, body, got, want)
				}
			}
		}
	}
}

func TestMessageReadsBackInGodbus(t *testing.T) {
	o := outgoing{typ: typeError, flags: flagNoReply, serial: 77, errorName: "a.b.C", destination: ":1.9", replySerial: 5}
	buf, err := appendMessage([]byte("odd"), &o, &payload{sig: "sa{sv}", values: []any{"x", Dict{{"k", MakeVariant(uint32(1))}}}})
	if err != nil {
		t.Fatal(err)
	}
	msg, err := dbus.DecodeMessage(bytes.NewReader(buf[3:]))
	if err != nil {
		t.Fatal(err)
	}
	if msg.Type != dbus.TypeError || msg.Serial() != 77 || msg.Headers[dbus.FieldReplySerial].Value() != uint32(5) ||
		msg.Headers[dbus.FieldDestination].Value() != ":1.9" || msg.Headers[dbus.FieldErrorName].Value() != "a.b.C" {
		t.Fatalf("header: %v", msg)
	}
	want := []any{"x", map[string]dbus.Variant{"k": dbus.MakeVariant(uint32(1))}}
	if !reflect.DeepEqual(msg.Body, want) {
		t.Fatalf("body: %v", msg.Body)
	}
}

// TestEveryPrefixIsRefused also proves that no read goes past the end.
func TestEveryPrefixIsRefused(t *testing.T) {
	for _, v := range samples {
		sig, body, err := EncodeBody(v, byte(1))
		if err != nil {
			t.Fatal(err)
		}
		for n := range body {
			if got, err := DecodeBody(binary.LittleEndian, sig, body[:n]); !errors.Is(err, ErrMalformed) {
				t.Fatalf("%s cut to %d of %d bytes gave %#v, %v", sig, n, len(body), got, err)
			}
		}
		if _, err := DecodeBody(binary.LittleEndian, sig, append(body, 0)); !errors.Is(err, ErrMalformed) {
			t.Fatalf("%s with a byte behind it: %v", sig, err)
		}
	}
}

func TestMalformedBodies(t *testing.T) {
	deep := strings.Repeat("\x01v\x00", 80) + "\x01y\x00\x07"
	for _, tc := range []struct {
		name string
		sig  Signature
		body string
	}{
		{"boolean 2", "b", "\x02\x00\x00\x00"},
		{"no UTF-8", "s", "\x01\x00\x00\x00\xff\x00"},
		{"NUL inside", "s", "\x03\x00\x00\x00a\x00b\x00"},
		{"no NUL at the end", "s", "\x01\x00\x00\x00ab"},
		{"length wraps", "s", "\xff\xff\xff\xffab"},
		{"bad path", "o", "\x02\x00\x00\x00//\x00"},
		{"bad signature", "g", "\x01z\x00"},
		{"unfinished signature", "g", "\x01a\x00"},
		{"variant of nothing", "v", "\x00\x00"},
		{"variant of two", "v", "\x02yy\x00\x01\x02"},
		{"padding", "yu", "\x01\x01\x00\x00\x05\x00\x00\x00"},
		{"array longer than body", "ay", "\x05\x00\x00\x00abcd"},
		{"array ends inside element", "au", "\x05\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00"},
		{"descriptor", "h", "\x00\x00\x00\x00"},
		{"signature is none", "(", ""},
		{"empty struct", "()", ""},
		{"dict entry outside", "{sv}", ""},
		{"body without signature", "", "x"},
		{"variants too deep", "v", deep},
	} {
		if got, err := DecodeBody(binary.LittleEndian, tc.sig, []byte(tc.body)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %#v, %v", tc.name, got, err)
		}
	}
}

func TestBodyCostIsBounded(t *testing.T) {
	body := make([]byte, 4+maxValues+1)
	binary.LittleEndian.PutUint32(body, maxValues+1)
	if v, err := DecodeBody(binary.LittleEndian, "ay", body); err != nil || len(v[0].([]byte)) != maxValues+1 {
		t.Fatalf("bytes are one value: %v", err)
	}
	many := make([]byte, 4+2*(maxValues+1))
	binary.LittleEndian.PutUint32(many, 2*(maxValues+1))
	if _, err := DecodeBody(binary.LittleEndian, "aq", many); !errors.Is(err, ErrMalformed) {
		t.Fatalf("%d values: %v", maxValues+1, err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	var nest any = byte(1)
	for range 80 {
		nest = MakeVariant(nest)
	}
	for name, v := range map[string]any{
		"no UTF-8":         "\xff",
		"NUL":              "a\x00",
		"path":             ObjectPath("a"),
		"empty path":       ObjectPath(""),
		"signature":        Signature("a"),
		"type":             42,
		"nil":              nil,
		"variant type":     Variant{Sig: "s", Value: uint32(1)},
		"empty variant":    Variant{},
		"two in a variant": Variant{Sig: "ss", Value: "a"},
		"in a dict":        Dict{{"k", MakeVariant("\xff")}},
		"key":              Dict{{"\xff", MakeVariant("a")}},
		"array element":    Array{Elem: "s", Items: []any{uint32(1)}},
		"array of no type": Array{Elem: "z"},
		"struct in array":  Array{Elem: "(su)", Items: []any{Struct{"a"}}},
		"too long struct":  Array{Elem: "(s)", Items: []any{Struct{"a", "b"}}},
		"empty struct":     Struct{},
		"too deep":         nest,
	} {
		if _, b, err := EncodeBody(v); err == nil {
			t.Errorf("%s: encoded as %x", name, b)
		}
	}
}

func TestArraysAndDictionaries(t *testing.T) {
	objects := Array{Elem: "{oa{sa{sv}}}", Items: []any{Struct{ObjectPath("/a"), Array{Elem: "{sa{sv}}", Items: []any{
		Struct{"if.A", Dict{{"P", MakeVariant(uint32(3))}, {"P", MakeVariant("again")}}},
	}}}}}
	for _, v := range []any{objects, Array{Elem: "b", Items: []any{true, false}}, Array{Elem: "(ii)"}, Array{Elem: "v", Items: []any{MakeVariant("s")}}} {
		sig, body, err := EncodeBody(byte(1), v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeBody(binary.LittleEndian, sig, body)
		if err != nil || !reflect.DeepEqual(got[1], v) {
			t.Fatalf("%s: got %#v, %v", sig, got, err)
		}
	}
}

func TestEncoderByHand(t *testing.T) {
	_, want, err := EncodeBody("x", Dict{{"u", MakeVariant(uint32(1))}, {"o", MakeVariant(ObjectPath("/"))}})
	if err != nil {
		t.Fatal(err)
	}
	var e Encoder
	e.String("x")
	m := e.BeginArray(8)
	e.Align(8)
	e.String("u")
	e.Signature("u")
	e.Uint32(1)
	e.Align(8)
	e.String("o")
	e.Signature("o")
	e.ObjectPath("/")
	e.EndArray(m)
	if e.Err() != nil || !bytes.Equal(e.Bytes(), want) {
		t.Fatalf("got %x, %v; want %x", e.Bytes(), e.Err(), want)
	}
}

func TestSignatures(t *testing.T) {
	for s, want := range map[Signature]bool{
		"": true, "s": true, "a{sv}": true, "aa{s(uu)}": true, "(a(b))": true, "sa{oa{sa{sv}}}": true,
		"a": false, "a{vs}": false, "a{s}": false, "a{sss}": false, "(": false, ")": false, "(s": false, "()": false, "{sv}": false, "z": false,
		Signature(strings.Repeat("a", 32) + "y"):                           true,
		Signature(strings.Repeat("a", 33) + "y"):                           false,
		Signature(strings.Repeat("(", 33) + "y" + strings.Repeat(")", 33)): false,
		Signature(strings.Repeat("y", 256)):                                false,
	} {
		if s.Valid() != want {
			t.Errorf("%q valid: %v", string(s), !want)
		}
		// godbus takes some that the specification does not, "()" for one.
		if _, err := dbus.ParseSignature(string(s)); want && err != nil {
			t.Errorf("%q: godbus says %v", string(s), err)
		}
	}
}

func TestNames(t *testing.T) {
	for _, tc := range []struct {
		f    func(string) bool
		good []string
		bad  []string
	}{
		{validBusName, []string{":1.5", "a.b", "fi.w1.wpa_supplicant1", "a-b.c"}, []string{"", ":", "a", ".a", "a.", "a..b", "a.1", ":1..2", "a.b\x00"}},
		{validInterface, []string{"a.b", "fi.w1.X_1"}, []string{"", "a", "a.", "a.1b", "a-b.c", "a.b.", strings.Repeat("a.", 130) + "b"}},
		{validMember, []string{"A", "a_1"}, []string{"", "1a", "a.b", "a-b", strings.Repeat("a", 256)}},
		{func(s string) bool { return ObjectPath(s).Valid() }, []string{"/", "/a", "/a/_9"}, []string{"", "a", "//", "/a/", "/a//b", "/a-b", "/ü"}},
	} {
		for _, s := range tc.good {
			if !tc.f(s) {
				t.Errorf("%q refused", s)
			}
		}
		for _, s := range tc.bad {
			if tc.f(s) {
				t.Errorf("%q taken", s)
			}
		}
	}
}

// FuzzBody decodes arbitrary bytes. What decodes is encoded again and must
// decode to the same; godbus must take what we encode.
func FuzzBody(f *testing.F) {
	for _, v := range samples {
		sig, body, err := EncodeBody(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(false, string(sig), body)
	}
	f.Add(true, "a{sv}", []byte{0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, big bool, sig string, body []byte) {
		var order binary.ByteOrder = binary.LittleEndian
		if big {
			order = binary.BigEndian
		}
		values, err := DecodeBody(order, Signature(sig), body)
		if err != nil {
			return
		}
		again, encoded, err := EncodeBody(values...)
		if err != nil {
			t.Fatalf("%s %x decoded to %#v, which does not encode: %v", sig, body, values, err)
		}
		if string(again) != sig || len(encoded) != len(body) {
			t.Fatalf("%s %x came back as %s %x", sig, body, again, encoded)
		}
		if !big && !bytes.Equal(encoded, body) {
			t.Fatalf("%s %x came back as %x", sig, body, encoded)
		}
	})
}

// FuzzStream feeds arbitrary bytes, cut at arbitrary places, to the framing.
func FuzzStream(f *testing.F) {
	o := outgoing{typ: typeCall, serial: 1, path: "/a", iface: "a.b", member: "C", destination: "a.b"}
	one, err := appendMessage(nil, &o, &payload{sig: "s", values: []any{"x"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(one, one...), uint64(1))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		var in reader
		src := bytes.NewReader(stream)
		total := 0
		for {
			if in.fill(&cutter{src, rnd}) != nil {
				break
			}
			if len(in.buf) > maxIncoming {
				t.Fatalf("buffer of %d bytes", len(in.buf))
			}
			for {
				p, frame, whole, err := in.next()
				if err != nil {
					return
				}
				if frame == "" {
					break
				}
				if total += len(frame); total > len(stream) {
					t.Fatal("more came out than went in")
				}
				if m, err := parseMessage(p, frame); err == nil && whole {
					m.args()
				}
			}
		}
	})
}

// cutter reads pieces of random size.
type cutter struct {
	src *bytes.Reader
	rnd *rand.Rand
}

func (c *cutter) Read(b []byte) (int, error) {
	return c.src.Read(b[:min(len(b), 1+c.rnd.IntN(100))])
}

func BenchmarkEncodeReply(b *testing.B) {
	o := outgoing{typ: typeReturn, flags: flagNoReply, serial: 9, destination: ":1.9", replySerial: 5}
	p := payload{sig: "v", values: []any{MakeVariant("scanning")}}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = appendMessage(buf[:0], &o, &p)
	}
}

func BenchmarkDecodeCall(b *testing.B) {
	o := outgoing{typ: typeCall, serial: 1, path: "/fi/w1/wpa_supplicant1/Interfaces/0", iface: "org.freedesktop.DBus.Properties",
		member: "Get", destination: "fi.w1.wpa_supplicant1"}
	one, err := appendMessage(nil, &o, &payload{sig: "ss", values: []any{"fi.w1.wpa_supplicant1.Interface", "State"}})
	if err != nil {
		b.Fatal(err)
	}
	var c Conn
	b.ReportAllocs()
	for b.Loop() {
		p, _ := parsePrefix(one)
		if _, err := c.event(p, string(one), true).(*Call).Args(); err != nil {
			b.Fatal(err)
		}
	}
}
