package conf

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
)

// blobColumns is the width of the base64 lines of a blob.
const blobColumns = 72

// Save writes the configuration to path, or to Path when path is empty. The file
// is replaced as a whole or stays as it was; its mode and owner are kept.
// Comments are lost. Values at their default, temporary blocks, blocks that could
// not connect for want of a key, and what came from an overlay or an included
// file are not written. Whether saving is allowed (update_config) is the
// caller's question.
func (c *Config) Save(path string) error {
	if path == "" {
		path = c.Path
	}
	if path == "" {
		return ErrNoPath
	}
	own := c.ownGlobals()
	data := c.encode(&own)
	if len(data) > maxFile {
		return fmt.Errorf("conf: save: %d octets, a file may have %d", len(data), maxFile)
	}
	if err := replaceFile(path, data); err != nil {
		return fmt.Errorf("conf: save: %w", err)
	}
	for _, f := range globalTable().rows() {
		if c.changedSinceLoad(f) {
			c.ownNames[f.Name] = true
		}
	}
	c.own, c.loaded = own, c.Globals
	return nil
}

// Encode returns the octets that Save would write.
func (c *Config) Encode() []byte {
	own := c.ownGlobals()
	return c.encode(&own)
}

// ownGlobals are the globals that belong into the main file: what it said, and
// over that what was set since it was read.
func (c *Config) ownGlobals() Globals {
	own := c.own
	for _, f := range globalTable().rows() {
		if c.changedSinceLoad(f) {
			f.copy(&own, &c.Globals)
		}
	}
	return own
}

// changedSinceLoad reports whether a global is not what reading left.
func (c *Config) changedSinceLoad(f *field[Globals]) bool {
	return !slices.Equal(f.lines(&c.Globals), f.lines(&c.loaded))
}

func (c *Config) encode(own *Globals) []byte {
	var b bytes.Buffer
	c.writeIncludes(&b, false)
	c.writeGlobals(&b, own)
	for _, cr := range c.Creds {
		if !cr.ReadOnly && cr.Temporary == 0 {
			b.WriteString("\ncred={\n")
			writeRows(&b, credTable(), credOrder(), cr, nil)
			b.WriteString("}\n")
		}
	}
	for i := range c.Identities {
		if id := &c.Identities[i]; !id.ReadOnly {
			b.WriteString("\nidentity={\n")
			writeRows(&b, identityTable(), nil, id, nil)
			b.WriteString("}\n")
		}
	}
	for _, n := range c.Networks {
		if n.saved() {
			b.WriteString("\nnetwork={\n")
			writeRows(&b, networkTable(), networkOrder(), n, n.skips)
			b.WriteString("}\n")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Blobs)) {
		if !c.foreign[name] {
			writeBlob(&b, name, c.Blobs[name])
		}
	}
	c.writeIncludes(&b, true)
	return b.Bytes()
}

func (c *Config) writeIncludes(b *bytes.Buffer, late bool) {
	for _, i := range c.includes {
		if i.late == late {
			fmt.Fprintf(b, "include=%s\n", i.path)
		}
	}
}

// writeGlobals leaves out what stands at its default; below an include line a
// default that the main file states has to be stated again.
func (c *Config) writeGlobals(b *bytes.Buffer, own *Globals) {
	explicit := len(c.includes) > 0
	for _, f := range inOrder(globalTable(), globalOrder()) {
		said := explicit && (c.ownNames[f.Name] || c.changedSinceLoad(f))
		if !f.Saved || f.Ignored || globalTable().isDefault(f, own) && !said {
			continue
		}
		for _, v := range f.lines(own) {
			fmt.Fprintf(b, "%s=%s\n", f.Name, v)
		}
	}
}

// inOrder returns the rows named in order first, then the others as they stand.
func inOrder[T any](tb *table[T], order []string) []*field[T] {
	out := make([]*field[T], 0, len(order))
	named := make(map[string]bool, len(order))
	for _, n := range order {
		if f := tb.find(n); f != nil {
			out = append(out, f)
			named[n] = true
		}
	}
	for _, f := range tb.rows() {
		if !named[f.Name] {
			out = append(out, f)
		}
	}
	return out
}

func writeRows[T any](b *bytes.Buffer, tb *table[T], order []string, t *T, skip func(name string) bool) {
	for _, f := range inOrder(tb, order) {
		if !f.Saved || f.Ignored || tb.isDefault(f, t) || skip != nil && skip(f.Name) {
			continue
		}
		for _, v := range f.lines(t) {
			fmt.Fprintf(b, "%s%s=%s\n", tb.indent, f.Name, v)
		}
	}
}

// saved reports whether the block is one that the file keeps.
func (n *Network) saved() bool {
	switch {
	case n.ReadOnly || n.Temporary || n.KeyMgmt == KeyMgmtWPS:
		return false
	case n.KeyMgmt&KeyMgmtAnyPSK != 0 && !n.PSK.IsSet():
		return false
	case n.KeyMgmt&KeyMgmtAnySAE != 0 && !n.PSK.IsSet() && !n.SAEPassword.IsSet():
		return false
	}
	return true
}

// skips names the fields that mem_only_psk keeps out of the file.
func (n *Network) skips(name string) bool { return name == "psk" && n.MemOnlyPSK != 0 }

func writeBlob(b *bytes.Buffer, name string, data []byte) {
	fmt.Fprintf(b, "\n%s%s={\n", blobHead, name)
	text := base64.StdEncoding.EncodeToString(data)
	for len(text) > 0 {
		n := min(len(text), blobColumns)
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	b.WriteString("}\n")
}
