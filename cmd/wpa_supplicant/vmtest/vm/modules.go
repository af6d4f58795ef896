package vm

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// bootModules are what the machine needs before it can see the host's files.
var bootModules = []string{"virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_console", "virtio_rng"}

// loadOrder returns the paths, relative to the modules folder, of the modules
// that must be loaded for names, each after those it depends on. A name that
// has no module is built into the kernel and needs none.
func (k Kernel) loadOrder(names []string) ([]string, error) {
	file, err := os.Open(filepath.Join(k.modulesDir(), "modules.dep"))
	if err != nil {
		return nil, fmt.Errorf("vm: modules: %w", err)
	}
	defer file.Close()
	deps, err := parseModules(file)
	if err != nil {
		return nil, err
	}
	return deps.loadOrder(names), nil
}

// modules is what depmod found out.
type modules struct {
	needs  map[string][]string // path -> paths of all it needs, the deepest last
	byName map[string]string   // name -> path
}

// parseModules reads depmod's list: "path: path path ..." a line.
func parseModules(r io.Reader) (modules, error) {
	m := modules{map[string][]string{}, map[string]string{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		mod, needs, ok := strings.Cut(lines.Text(), ":")
		if !ok || mod == "" {
			return modules{}, fmt.Errorf("vm: modules.dep line %d: no module before a colon: %q", n, lines.Text())
		}
		m.needs[mod] = strings.Fields(needs)
		m.byName[moduleName(mod)] = mod
	}
	if err := lines.Err(); err != nil {
		return modules{}, fmt.Errorf("vm: modules.dep: %w", err)
	}
	return m, nil
}

func (m modules) loadOrder(names []string) []string {
	var order []string
	seen := map[string]bool{}
	for _, name := range names {
		mod, ok := m.byName[name]
		if !ok {
			continue
		}
		all := append([]string{mod}, m.needs[mod]...)
		for i := len(all) - 1; i >= 0; i-- {
			if !seen[all[i]] {
				seen[all[i]] = true
				order = append(order, all[i])
			}
		}
	}
	return order
}

func (k Kernel) modulesDir() string {
	return filepath.Join(k.Root, "lib", "modules", k.Version)
}

// moduleName is the name modprobe knows a module file by.
func moduleName(file string) string {
	name, _, _ := strings.Cut(path.Base(file), ".ko")
	return strings.ReplaceAll(name, "-", "_")
}
