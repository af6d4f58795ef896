package conf

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// The longest lines of the file that the reader takes whole, in octets without
// the line end.
const (
	maxGlobalLine  = 1023
	maxNetworkLine = 1999
	maxCredLine    = 255
)

// The tables of the sections are made when the first of a kind is needed: most
// daemons never see a credential.
var (
	globalTable  = sync.OnceValue(newGlobalTable)
	networkTable = sync.OnceValue(func() *table[Network] {
		return newTable(defaultNetwork(), maxNetworkLine, "\t", networkRows, eapRows)
	})
	credTable = sync.OnceValue(func() *table[Cred] { return newTable(defaultCred(), maxCredLine, "\t", credRows) })
)

func newGlobalTable() *table[Globals] {
	tb := newTable(defaultGlobals(), maxGlobalLine, "", globalRows)
	tb.other, tb.loops = oldQueueName, accessRows
	return tb
}

// A Config is everything that one interface is configured with.
type Config struct {
	Globals
	Networks   []*Network        // in file order
	Creds      []*Cred           // in file order
	Blobs      map[string][]byte // by name; the octets are never changed in place
	Identities []Identity        // paired P2P2 peers
	Path       string            // the file it was read from, "" when none
	Warnings   []string          // what the reader did not take as it stood

	changed  ChangedFlags
	own      Globals         // what the main file alone says
	ownNames map[string]bool // the globals it says it about
	loaded   Globals         // the globals when reading ended
	includes []include       // the include lines of the main file
	foreign  map[string]bool // blobs of overlays and included files
	minNetID int             // ids below are taken by other files of the process
}

// An Identity is one paired P2P2 peer.
type Identity struct {
	ID        int
	ReadOnly  bool // came from an overlay or an included file: never written back
	DIKCipher int
	DIK       Secret
	PMK       Secret
	PMKID     []byte // 16 octets
}

// New returns a configuration with every default and no blocks.
func New() *Config {
	g := *defaultGlobals()
	return &Config{Globals: g, own: g, loaded: g, Blobs: map[string][]byte{},
		ownNames: map[string]bool{}, foreign: map[string]bool{}}
}

// Clone returns a copy that shares nothing that Set changes.
func (c *Config) Clone() *Config {
	d := *c
	d.Networks = make([]*Network, len(c.Networks))
	for i, n := range c.Networks {
		d.Networks[i] = n.Clone()
	}
	d.Creds = make([]*Cred, len(c.Creds))
	for i, cr := range c.Creds {
		copied := *cr
		d.Creds[i] = &copied
	}
	d.Blobs, d.foreign, d.ownNames = maps.Clone(c.Blobs), maps.Clone(c.foreign), maps.Clone(c.ownNames)
	d.Identities, d.Warnings, d.includes = slices.Clone(c.Identities), slices.Clone(c.Warnings), slices.Clone(c.includes)
	return &d
}

// Set stores a global in the syntax of the file and reports whether it changed.
// Errors are *ValueError.
func (c *Config) Set(name, value string) (changed bool, err error) {
	changed, info, err := globalTable().set(&c.Globals, name, value)
	if changed {
		c.changed |= info.Changes
	}
	return changed, err
}

// Get returns what GET answers for a global: false when it is unset, unknown or
// not readable.
func (c *Config) Get(name string) (string, bool) { return globalTable().get(&c.Globals, name, false) }

// Dump lists every readable global as name=value, one a line; unset ones are
// null.
func (c *Config) Dump() string {
	var sb strings.Builder
	for _, f := range globalTable().rows() {
		if !f.Readable || f.Ignored || f.Name == "country" {
			continue
		}
		v, ok := f.get(&c.Globals)
		if !ok {
			v = "null"
		}
		fmt.Fprintf(&sb, "%s=%s\n", f.Name, v)
	}
	return sb.String()
}

// TakeChanged returns what changed since the last call, and forgets it.
func (c *Config) TakeChanged() ChangedFlags {
	ch := c.changed
	c.changed = 0
	return ch
}

// GlobalFields describes every global.
func GlobalFields() []FieldInfo { return globalTable().infos() }

// NetworkFields describes every field of a network block.
func NetworkFields() []FieldInfo { return networkTable().infos() }

// CredFields describes every field of a credential block.
func CredFields() []FieldInfo { return credTable().infos() }

// GlobalField describes one global.
func GlobalField(name string) (FieldInfo, bool) { return infoOf(globalTable(), name) }

// NetworkField describes one field of a network block.
func NetworkField(name string) (FieldInfo, bool) { return infoOf(networkTable(), name) }

// CredField describes one field of a credential block.
func CredField(name string) (FieldInfo, bool) { return infoOf(credTable(), name) }

func infoOf[T any](tb *table[T], name string) (FieldInfo, bool) {
	if f := tb.find(name); f != nil {
		return f.FieldInfo, true
	}
	return FieldInfo{}, false
}

// Network returns the block with the id, nil when there is none.
func (c *Config) Network(id int) *Network {
	i := slices.IndexFunc(c.Networks, func(n *Network) bool { return n.ID == id })
	if i < 0 {
		return nil
	}
	return c.Networks[i]
}

// MaxBlocks is how many blocks of one kind, and how many blobs, a file may have.
// Callers of AddNetwork and AddCred keep to it: Load refuses more.
const MaxBlocks = 4096

// ErrTooMany is the answer to a blob beyond MaxBlocks.
var ErrTooMany = errors.New("conf: too many blobs")

// AddNetwork appends a disabled block with the next free id, as ADD_NETWORK and
// the D-Bus AddNetwork do.
func (c *Config) AddNetwork() *Network {
	n := c.appendNetwork()
	n.Disabled = 1
	return n
}

func (c *Config) appendNetwork() *Network {
	n := NewNetwork()
	n.ID = c.minNetID
	for _, o := range c.Networks {
		n.ID = max(n.ID, o.ID+1)
	}
	c.Networks = append(c.Networks, n)
	return n
}

// RemoveNetwork drops the block with the id; false when there is none.
func (c *Config) RemoveNetwork(id int) bool {
	before := len(c.Networks)
	c.Networks = slices.DeleteFunc(c.Networks, func(n *Network) bool { return n.ID == id })
	return len(c.Networks) < before
}

// PriorityGroups returns the blocks by priority, the highest first; in a group
// they stand in file order.
func (c *Config) PriorityGroups() [][]*Network {
	sorted := slices.Clone(c.Networks)
	slices.SortStableFunc(sorted, func(a, b *Network) int { return b.Priority - a.Priority })
	var groups [][]*Network
	for i, n := range sorted {
		if i == 0 || n.Priority != sorted[i-1].Priority {
			groups = append(groups, nil)
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], n)
	}
	return groups
}

// Cred returns the credential with the id, nil when there is none.
func (c *Config) Cred(id int) *Cred {
	i := slices.IndexFunc(c.Creds, func(n *Cred) bool { return n.ID == id })
	if i < 0 {
		return nil
	}
	return c.Creds[i]
}

// AddCred appends a credential with the next free id.
func (c *Config) AddCred() *Cred {
	cr := NewCred()
	for _, o := range c.Creds {
		cr.ID = max(cr.ID, o.ID+1)
	}
	c.Creds = append(c.Creds, cr)
	return cr
}

// RemoveCred drops the credential with the id; false when there is none.
func (c *Config) RemoveCred(id int) bool {
	before := len(c.Creds)
	c.Creds = slices.DeleteFunc(c.Creds, func(n *Cred) bool { return n.ID == id })
	return len(c.Creds) < before
}

// SetBlob stores a copy of data, up to 1 MiB, under name and replaces what was
// there.
func (c *Config) SetBlob(name string, data []byte) error {
	if err := checkBlobName(name); err != nil {
		return err
	}
	if len(data) > maxBlob {
		return &ValueError{Name: "blob", Value: shorten(name), Reason: fmt.Sprintf(
			"%d octets, maximum %d", len(data), maxBlob)}
	}
	if _, old := c.Blobs[name]; !old && len(c.Blobs) >= MaxBlocks {
		return ErrTooMany
	}
	c.Blobs[name] = append([]byte{}, data...)
	delete(c.foreign, name)
	return nil
}

// RemoveBlob drops a blob; false when there is none.
func (c *Config) RemoveBlob(name string) bool {
	_, ok := c.Blobs[name]
	delete(c.Blobs, name)
	delete(c.foreign, name)
	return ok
}

// maxBlob bounds the octets of one blob.
const maxBlob = 1 << 20

// maxBlobName keeps the head of a blob on one line of the file.
const maxBlobName = 200

func checkBlobName(name string) error {
	head := blobHead + name + "={"
	cut, ok := cleanLine(head)
	if name == "" || len(name) > maxBlobName || hasControl(name) || strings.Contains(name, "=") || !ok || cut != head {
		return &ValueError{Name: "blob", Value: shorten(name), Reason: fmt.Sprintf(
			"not a name for a blob: want 1..%d characters without =, # or control characters", maxBlobName)}
	}
	return nil
}

// ErrNoPath is the answer to saving a configuration that has no file.
var ErrNoPath = errors.New("conf: no configuration file to write to")
