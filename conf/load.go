package conf

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	maxFile     = 16 << 20 // octets of one file
	maxIncludes = 8        // depth of include lines
	maxFiles    = 64       // files one Load opens
	maxErrors   = 100      // bad lines reported of one Load

	pipePatience = 5 * time.Second // for a pipe to be written

	blobHead = "blob-base64-"
)

// LoadOptions are the optional parts of a Load.
type LoadOptions struct {
	// Extra is an overlay file (flag -I), read after the main one. Its
	// globals win; its blocks are appended and never written back.
	Extra string
	// FirstNetworkID is the id of the first network block.
	FirstNetworkID int
}

// A LineError is one bad line.
type LineError struct {
	File   string
	Line   int    // from 1; 0 when it concerns the file as a whole
	Name   string // the field, "" when the line is no assignment
	Reason string // never shows the value of a secret
}

func (e *LineError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s: Line %d: %s", e.File, e.Line, e.Reason)
}

// A LoadError lists everything that is wrong with a file.
type LoadError struct {
	Path  string
	Lines []*LineError
	More  int // bad lines beyond those listed
}

func (e *LoadError) Error() string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "Failed to read or parse configuration '%s'", e.Path)
	for _, l := range e.Lines {
		sb.WriteString("\n" + l.Error())
	}
	if e.More > 0 {
		fmt.Fprintf(&sb, "\n... and %d more", e.More)
	}
	return sb.String()
}

// Load reads a file with everything it includes. One bad line fails the whole
// load, as upstream; the error is then a *LoadError with all bad lines. A file
// that cannot be read gives the error of the operating system, wrapped.
func Load(path string, opts LoadOptions) (*Config, error) {
	l := newLoader(path, opts, readFile)
	if err := l.file(path, source{main: true}); err != nil {
		return nil, fmt.Errorf("conf: %w", err)
	}
	if opts.Extra != "" {
		if err := l.file(opts.Extra, source{}); err != nil {
			return nil, fmt.Errorf("conf: %w", err)
		}
	}
	return l.done()
}

// Parse is Load on octets in memory; name stands for the path in errors. An
// include line is an error: there is no folder to look in.
func Parse(name string, data []byte) (*Config, error) {
	l := newLoader(name, LoadOptions{}, func(string) ([]byte, error) {
		return nil, errors.New("include is not possible here")
	})
	if len(data) > maxFile {
		return nil, fmt.Errorf("conf: %s: %d octets, maximum %d", name, len(data), maxFile)
	}
	l.read(name, data, source{main: true})
	return l.done()
}

// readFile reads a file or a pipe (-c <(command)). A pipe without a writer is
// empty, and one that stays silent is given up: the caller must not hang.
func readFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := f.SetReadDeadline(time.Now().Add(pipePatience)); err != nil && !errors.Is(err, os.ErrNoDeadline) {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%s: larger than %d octets", path, maxFile)
	}
	return b, err
}

// source says where lines come from.
type source struct {
	main  bool // the main file itself: what it says is written back
	depth int  // of includes
}

// include is one include line of the main file.
type include struct {
	path string // as written
	late bool   // a network block of the main file stands before it
}

type loader struct {
	c     *Config
	err   *LoadError
	open  func(path string) ([]byte, error)
	files int
}

func newLoader(path string, opts LoadOptions, open func(string) ([]byte, error)) *loader {
	c := New()
	c.Path, c.minNetID = path, opts.FirstNetworkID
	return &loader{c: c, err: &LoadError{Path: path}, open: open}
}

func (l *loader) done() (*Config, error) {
	if len(l.err.Lines) > 0 {
		return nil, l.err
	}
	l.c.loaded = l.c.Globals
	l.c.changed = 0
	return l.c, nil
}

// file reads one file; the error is about the file, not about its lines.
func (l *loader) file(path string, src source) error {
	if l.files++; l.files > maxFiles {
		return fmt.Errorf("more than %d files", maxFiles)
	}
	data, err := l.open(path)
	if err != nil {
		return err
	}
	l.read(path, data, src)
	return nil
}

// A reading is one pass over one file.
type reading struct {
	*loader
	source
	lineReader
	path string
}

func (l *loader) read(path string, data []byte, src source) {
	r := &reading{loader: l, source: src, lineReader: lineReader{rest: data}, path: path}
	for {
		line, ok := r.take(maxGlobalLine)
		if !ok {
			return
		}
		switch {
		case line == "network={":
			r.network()
		case line == "cred={":
			r.cred()
		case line == "identity={":
			r.identity()
		case strings.HasPrefix(line, blobHead):
			r.blob(line)
		case strings.HasPrefix(line, "include="):
			r.include(strings.TrimPrefix(line, "include="))
		default:
			r.global(line)
		}
	}
}

// take is next with the complaints a line itself may raise.
func (r *reading) take(limit int) (string, bool) {
	line, ok := r.next(limit)
	if ok && r.cut {
		r.warn(fmt.Sprintf("longer than %d octets, the rest is not read", limit))
	}
	return line, ok
}

func (r *reading) fail(name, reason string) {
	if len(r.err.Lines) >= maxErrors {
		r.err.More++
		return
	}
	r.err.Lines = append(r.err.Lines, &LineError{File: r.path, Line: r.number, Name: name, Reason: reason})
}

func (r *reading) warn(what string) {
	if len(r.c.Warnings) < maxErrors {
		r.c.Warnings = append(r.c.Warnings, fmt.Sprintf("%s: Line %d: %s", r.path, r.number, what))
	}
}

// head is the part of a line without "=" that an error may show: the word it
// begins with. What follows may be a misplaced secret.
func head(line string) string {
	end := strings.IndexFunc(line, func(c rune) bool {
		return !(c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')
	})
	if end < 0 {
		return shorten(line)
	}
	return shorten(line[:end]) + "..."
}

func (r *reading) failValue(err error) {
	var v *ValueError
	if errors.As(err, &v) && v.Err == nil {
		r.fail(v.Name, fmt.Sprintf("failed to parse %v.", err))
		return
	}
	r.fail("", err.Error()+".")
}

func (r *reading) global(line string) {
	name, value, ok := strings.Cut(line, "=")
	if !ok {
		r.fail("", fmt.Sprintf("Invalid configuration line '%s'.", head(line)))
		return
	}
	if _, _, err := globalTable().set(&r.c.Globals, name, value); err != nil {
		if errors.Is(err, ErrUnknownField) {
			r.fail(name, fmt.Sprintf("unknown global field '%s'.", shorten(name)))
			return
		}
		r.failValue(err)
		return
	}
	if !r.main {
		return
	}
	if _, _, err := globalTable().set(&r.c.own, name, value); err == nil {
		r.c.ownNames[name] = true
	}
}

func (r *reading) include(path string) {
	if r.main {
		late := slices.ContainsFunc(r.c.Networks, func(n *Network) bool { return !n.ReadOnly })
		r.c.includes = append(r.c.includes, include{path, late})
	}
	if r.depth == maxIncludes {
		r.fail("include", fmt.Sprintf("include: more than %d files deep.", maxIncludes))
		return
	}
	full := path
	if !filepath.IsAbs(full) {
		full = filepath.Join(filepath.Dir(r.path), full)
	}
	if err := r.file(full, source{depth: r.depth + 1}); err != nil {
		r.fail("include", fmt.Sprintf("include: %v.", err))
	}
}

// block reads the lines of a block and hands each assignment to set. It reports
// whether the block ended and all was well.
func (r *reading) block(kind string, limit int, set func(name, value string) error) bool {
	start, good := r.number, true
	for {
		line, ok := r.take(limit)
		if !ok {
			r.fail("", fmt.Sprintf("%s block of line %d was not terminated properly.", kind, start))
			return false
		}
		if line == "}" {
			return good
		}
		name, value, ok := strings.Cut(line, "=")
		switch {
		case !ok:
			r.fail("", fmt.Sprintf("Invalid %s line '%s'.", kind, head(line)))
			good = false
		case strings.HasPrefix(value, `"`) && strings.Count(value, `"`) < 2:
			r.fail(name, fmt.Sprintf("%s: invalid quotation.", shorten(name)))
			good = false
		default:
			if err := set(name, value); err != nil {
				good = false
				r.failBlock(kind, name, err)
			}
		}
	}
}

func (r *reading) failBlock(kind, name string, err error) {
	if errors.Is(err, ErrUnknownField) {
		r.fail(name, fmt.Sprintf("unknown %s field '%s'.", kind, shorten(name)))
		return
	}
	r.failValue(err)
}

func (r *reading) network() {
	if len(r.c.Networks) == MaxBlocks {
		r.fail("", fmt.Sprintf("more than %d network blocks.", MaxBlocks))
	}
	n := NewNetwork()
	var passphrase, key bool
	good := r.block("network", maxNetworkLine, func(name, value string) error {
		_, err := n.Set(name, value)
		passphrase = passphrase || name == "psk" && n.PSK.Passphrase.IsSet()
		key = key || name == "psk" && n.PSK.Key.IsSet()
		return err
	})
	if !good || len(r.c.Networks) == MaxBlocks {
		return
	}
	warning, faults := n.settle()
	if passphrase && key {
		faults = append(faults, "both PSK and passphrase configured")
	}
	for _, f := range faults {
		r.fail("", f+".")
	}
	if warning != "" {
		r.warn(warning)
	}
	n.ReadOnly = !r.main
	added := r.c.appendNetwork()
	n.ID = added.ID
	*added = *n
}

func (r *reading) cred() {
	if len(r.c.Creds) == MaxBlocks {
		r.fail("", fmt.Sprintf("more than %d cred blocks.", MaxBlocks))
	}
	c := NewCred()
	good := r.block("cred", maxCredLine, func(name, value string) error {
		_, err := c.Set(name, value)
		return err
	})
	if !good || len(r.c.Creds) == MaxBlocks {
		return
	}
	c.ReadOnly = !r.main
	added := r.c.AddCred()
	c.ID = added.ID
	*added = *c
}

func (r *reading) identity() {
	id := Identity{ID: len(r.c.Identities), ReadOnly: !r.main}
	if len(r.c.Identities) == MaxBlocks {
		r.fail("", fmt.Sprintf("more than %d identity blocks.", MaxBlocks))
	}
	good := r.block("identity", maxCredLine, func(name, value string) error {
		_, _, err := identityTable().set(&id, name, value)
		return err
	})
	if good && len(r.c.Identities) < MaxBlocks {
		r.c.Identities = append(r.c.Identities, id)
	}
}

// blob reads blob-base64-<name>={ and the lines up to a lone }.
func (r *reading) blob(opening string) {
	start := r.number
	name, open, ok := strings.Cut(strings.TrimPrefix(opening, blobHead), "=")
	if err := checkBlobName(name); err != nil || !ok || open != "{" {
		r.fail("", fmt.Sprintf("invalid blob '%s'.", shorten(opening)))
		return
	}
	var text strings.Builder
	for {
		line, ok := r.take(maxCredLine)
		if !ok {
			r.fail(name, fmt.Sprintf("blob of line %d was not terminated properly.", start))
			return
		}
		if line == "}" {
			break
		}
		text.WriteString(line)
	}
	data, err := base64.StdEncoding.DecodeString(strings.TrimRight(text.String(), "\n"))
	if err != nil {
		r.fail(name, fmt.Sprintf("blob '%s' is not base64.", shorten(name)))
		return
	}
	r.c.Blobs[name] = data
	if r.main {
		delete(r.c.foreign, name)
	} else {
		r.c.foreign[name] = true
	}
}
