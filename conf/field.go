package conf

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// ErrUnknownField is in the chain of the error for a name no table has.
var ErrUnknownField = errors.New("unknown field")

// maxValue bounds the text of one value, in octets, wherever it comes from. The
// file is stricter: see the limits of its lines.
const maxValue = 64 << 10

// A ValueError says why a value was refused. The value of a secret field is not
// part of it.
type ValueError struct {
	Name   string // the field
	Value  string // the text refused, shortened; "" for secrets
	Reason string
	Err    error // ErrUnknownField or nil
}

func (e *ValueError) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("%s: %s", e.Name, e.Reason)
	}
	return fmt.Sprintf("%s: %s (got %q)", e.Name, e.Reason, e.Value)
}

// Unwrap returns ErrUnknownField for a name no table has, otherwise nil.
func (e *ValueError) Unwrap() error { return e.Err }

// A FieldInfo describes one row of a table.
type FieldInfo struct {
	Name    string
	Default string // as the file spells it, "" when unset by default

	Ranged   bool // Min and Max bound the number; the default is always allowed
	Min, Max int

	Sized          bool // MinLen and MaxLen bound the length in octets
	MinLen, MaxLen int

	Secret      bool   // printed as "*", absent from D-Bus properties
	Sensitive   bool   // holds a secret that upstream does not mask; never logged
	Readable    bool   // GET, GET_NETWORK, GET_CRED answer
	Saved       bool   // written back to the file
	Unquoted    bool   // a D-Bus string for it is taken as is, without quotes
	KeepsCaches bool   // changing it keeps the PMKSA cache and the EAP session
	Ignored     bool   // accepted and thrown away
	Alias       string // the field this is an old name of

	Changes ChangedFlags // what setting it asks the engine to react to

	lens []int // the only lengths allowed, in octets; nil: no such rule
}

// A field is one row: how to parse and print one member of T.
type field[T any] struct {
	FieldInfo
	at accessor[T]

	// What a row does in another way than its accessor; nil for most.
	setBy   func(t *T, value string) error
	getBy   func(t *T) (string, bool)
	linesBy func(t *T) []string
}

// An accessor knows one member of T.
type accessor[T any] interface {
	// set parses value and stores it; on an error it stores nothing. The
	// error is the reason alone.
	set(i *FieldInfo, t *T, value string) error
	// get is the form GET answers with, secrets in the clear.
	get(t *T) (string, bool)
	// lines are the values of the lines the file has for the member: none
	// when it is unset, several for a repeatable field.
	lines(t *T) []string
	// copy takes the member over from another section.
	copy(dst, src *T)
}

func (f *field[T]) set(t *T, value string) error {
	if f.setBy != nil {
		return f.setBy(t, value)
	}
	return f.at.set(&f.FieldInfo, t, value)
}

func (f *field[T]) get(t *T) (string, bool) {
	if f.getBy != nil {
		return f.getBy(t)
	}
	return f.at.get(t)
}

func (f *field[T]) lines(t *T) []string {
	if f.linesBy != nil {
		return f.linesBy(t)
	}
	return f.at.lines(t)
}

func (f *field[T]) copy(dst, src *T) { f.at.copy(dst, src) }

// An option adjusts the description of a row.
type option struct {
	kind   optionKind
	lo, hi int
	lens   []int
	change ChangedFlags
}

type optionKind uint8

const (
	optionWithin optionKind = iota + 1
	optionLength
	optionSecret
	optionSensitive
	optionUnsaved
	optionNoGet
	optionUnquoted
	optionKeepsCaches
	optionRaises
)

func within(lo, hi int) option { return option{kind: optionWithin, lo: lo, hi: hi} }
func length(lo, hi int) option { return option{kind: optionLength, lo: lo, hi: hi} }
func sizes(n ...int) option {
	return option{kind: optionLength, lo: slices.Min(n), hi: slices.Max(n), lens: n}
}
func secret() option               { return option{kind: optionSecret} }
func sensitive() option            { return option{kind: optionSensitive} }
func unsaved() option              { return option{kind: optionUnsaved} }
func noGet() option                { return option{kind: optionNoGet} }
func unquoted() option             { return option{kind: optionUnquoted} }
func keepsCaches() option          { return option{kind: optionKeepsCaches} }
func raises(c ChangedFlags) option { return option{kind: optionRaises, change: c} }

func describe(name string, opts []option) FieldInfo {
	i := FieldInfo{Name: name, Readable: true, Saved: true}
	for _, o := range opts {
		switch o.kind {
		case optionWithin:
			i.Ranged, i.Min, i.Max = true, o.lo, o.hi
		case optionLength:
			i.Sized, i.MinLen, i.MaxLen, i.lens = true, o.lo, o.hi, o.lens
		case optionSecret:
			i.Secret = true
		case optionSensitive:
			i.Sensitive = true
		case optionUnsaved:
			i.Saved = false
		case optionNoGet:
			i.Readable = false
		case optionUnquoted:
			i.Unquoted = true
		case optionKeepsCaches:
			i.KeepsCaches = true
		case optionRaises:
			i.Changes = o.change
		}
	}
	return i
}

// checkLen applies the length rules of the row to a value of n octets.
func (i *FieldInfo) checkLen(n int) error {
	switch {
	case i.lens != nil && !slices.Contains(i.lens, n):
		return fmt.Errorf("length is %d octets, must be one of %v", n, i.lens)
	case i.Sized && n < i.MinLen:
		return fmt.Errorf("too short: %d octets, minimum %d", n, i.MinLen)
	case i.Sized && n > i.MaxLen:
		return fmt.Errorf("too long: %d octets, maximum %d", n, i.MaxLen)
	}
	return nil
}

// codec is a pair of functions between the text of a value and its type. print
// reports false for an unset value.
type codec[V any] struct {
	parse func(i *FieldInfo, text string) (V, error)
	print func(v V) (string, bool)
}

// member is a single-valued member of T. GET answers in the syntax of the file.
type member[T, V any] struct {
	of func(*T) *V
	codec[V]
}

func (m *member[T, V]) set(i *FieldInfo, t *T, text string) error {
	v, err := m.parse(i, text)
	if err != nil {
		return err
	}
	*m.of(t) = v
	return nil
}

func (m *member[T, V]) get(t *T) (string, bool) { return m.print(*m.of(t)) }

func (m *member[T, V]) lines(t *T) []string {
	if s, ok := m.print(*m.of(t)); ok {
		return []string{s}
	}
	return nil
}

func (m *member[T, V]) copy(dst, src *T) { *m.of(dst) = *m.of(src) }

// bind makes the row of a single-valued member from a codec.
func bind[T, V any](name string, at func(*T) *V, c codec[V], opts []option) field[T] {
	return field[T]{FieldInfo: describe(name, opts), at: &member[T, V]{at, c}}
}

// nothing is the member of a row whose value is thrown away.
type nothing[T any] struct{}

func (nothing[T]) set(*FieldInfo, *T, string) error { return nil }
func (nothing[T]) get(*T) (string, bool)            { return "", false }
func (nothing[T]) lines(*T) []string                { return nil }
func (nothing[T]) copy(_, _ *T)                     {}

// ignored is a row whose value is accepted and thrown away.
func ignored[T any](name string, opts ...option) field[T] {
	f := field[T]{FieldInfo: describe(name, append(opts, unsaved(), noGet())), at: nothing[T]{}}
	f.Ignored = true
	return f
}

// alias is a row under an old name; the table completes it from the target.
func alias[T any](name, target string, opts ...option) field[T] {
	f := field[T]{FieldInfo: describe(name, opts)}
	f.Alias = target
	return f
}

// A row names a field and makes it when it is needed: most daemons meet a few of the
// four hundred.
type row[T any] struct {
	name string
	make func(name string) field[T]
}

// A table is the rows of one section.
type table[T any] struct {
	parts   [][]row[T]          // in the order in which values are listed
	loops   func() []field[T]   // further rows, which are made all at once; nil when there are none
	def     *T                  // a section with nothing set
	lineMax int                 // longest line of the file that is read whole, in octets
	indent  string              // what a line of the section begins with
	other   func(n string) bool // names outside the rows that are accepted and ignored
	spare   atomic.Pointer[T]   // what set tries a value on: sections are some pages each

	mu   sync.Mutex
	made map[string]*field[T]
	all  []*field[T] // once somebody has asked for all
}

func newTable[T any](def *T, lineMax int, indent string, parts ...[]row[T]) *table[T] {
	return &table[T]{parts: parts, def: def, lineMax: lineMax, indent: indent, made: map[string]*field[T]{}}
}

// find returns the field with a name, nil when there is none.
func (tb *table[T]) find(name string) *field[T] {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	if f := tb.known(name); f != nil || tb.loops == nil {
		return f
	}
	tb.makeAll()
	return tb.made[name]
}

// known is find without the rows of loops.
func (tb *table[T]) known(name string) *field[T] {
	if f := tb.made[name]; f != nil || tb.all != nil {
		return f
	}
	for _, p := range tb.parts {
		for i := range p {
			if p[i].name == name {
				return tb.keep(p[i].make(name))
			}
		}
	}
	return nil
}

// keep completes a field.
func (tb *table[T]) keep(made field[T]) *field[T] {
	f := &made
	if f.Alias != "" {
		to := tb.known(f.Alias)
		f.setBy, f.getBy, f.linesBy, f.at, f.Default = to.set, to.get, to.lines, to.at, to.Default
	} else if text, ok := f.at.get(tb.def); ok {
		f.Default = text
	}
	tb.made[f.Name] = f
	return f
}

// rows returns all fields, in the order in which values are listed.
func (tb *table[T]) rows() []*field[T] {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	tb.makeAll()
	return tb.all
}

func (tb *table[T]) makeAll() {
	if tb.all != nil {
		return
	}
	var all []*field[T]
	for _, p := range tb.parts {
		for i := range p {
			all = append(all, tb.known(p[i].name))
		}
	}
	if tb.loops != nil {
		for _, f := range tb.loops() {
			all = append(all, tb.keep(f))
		}
	}
	tb.all = all
}

// refuse builds the error for value, without the value where it is a secret.
func refuse(i *FieldInfo, value string, reason error) error {
	e := &ValueError{Name: i.Name, Reason: reason.Error()}
	if !i.Secret && !i.Sensitive {
		e.Value = shorten(value)
	}
	return e
}

// shorten keeps messages readable whatever the value.
func shorten(s string) string {
	const most = 80
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}

// set stores value under name and reports whether anything changed.
func (tb *table[T]) set(t *T, name, value string) (changed bool, info FieldInfo, err error) {
	f := tb.find(name)
	if f == nil {
		if tb.other != nil && tb.other(name) {
			return false, FieldInfo{Name: name, Ignored: true}, nil
		}
		return false, FieldInfo{}, &ValueError{Name: shorten(strconv.Quote(name)), Reason: ErrUnknownField.Error(), Err: ErrUnknownField}
	}
	if len(value) > maxValue {
		return false, f.FieldInfo, refuse(&f.FieldInfo, "", fmt.Errorf("too long: %d octets, maximum %d", len(value), maxValue))
	}
	next := tb.spare.Swap(nil)
	if next == nil {
		next = new(T)
	}
	defer func() {
		*next = *new(T) // nothing of a section stays behind
		tb.spare.Store(next)
	}()
	*next = *t
	if err := f.set(next, value); err != nil {
		return false, f.FieldInfo, refuse(&f.FieldInfo, value, err)
	}
	if err := tb.fits(f, next); err != nil {
		return false, f.FieldInfo, refuse(&f.FieldInfo, value, err)
	}
	before := f.lines(t)
	*t = *next
	return !slices.Equal(before, f.lines(t)), f.FieldInfo, nil
}

// fits makes sure that what the writer will write for f, the reader will read.
func (tb *table[T]) fits(f *field[T], t *T) error {
	if !f.Saved {
		return nil
	}
	for _, v := range f.lines(t) {
		line := f.Name + "=" + v
		if len(tb.indent)+len(line) > tb.lineMax {
			return fmt.Errorf("too long for a line of the file: %d octets, maximum %d", len(line), tb.lineMax-len(tb.indent))
		}
		if cut, ok := cleanLine(line); !ok || cut != line || breaksLine(line) {
			return errors.New("cannot stand in the file: control character, trailing blank or # outside quotes")
		}
	}
	return nil
}

// get returns what GET answers; secrets are masked unless clear.
func (tb *table[T]) get(t *T, name string, clear bool) (string, bool) {
	f := tb.find(name)
	if f == nil || !f.Readable && !clear {
		return "", false
	}
	s, ok := f.get(t)
	if ok && s != "" && f.Secret && !clear {
		return "*", true
	}
	return s, ok
}

// infos lists the descriptions of the rows.
func (tb *table[T]) infos() []FieldInfo {
	rows := tb.rows()
	out := make([]FieldInfo, len(rows))
	for i, f := range rows {
		out[i] = f.FieldInfo
	}
	return out
}

// isDefault reports whether the file needs no line for f.
func (tb *table[T]) isDefault(f *field[T], t *T) bool {
	return slices.Equal(f.lines(t), f.lines(tb.def))
}
