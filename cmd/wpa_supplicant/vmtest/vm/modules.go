package vm

import (
	"bufio"
	"fmt"
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
	deps := map[string][]string{} // path -> paths it needs, nearest first
	byName := map[string]string{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		mod, needs, ok := strings.Cut(lines.Text(), ":")
		if !ok {
			return nil, fmt.Errorf("vm: modules.dep: line without a colon: %q", lines.Text())
		}
		deps[mod] = strings.Fields(needs)
		byName[moduleName(mod)] = mod
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("vm: modules.dep: %w", err)
	}
	var order []string
	seen := map[string]bool{}
	for _, name := range names {
		mod, ok := byName[name]
		if !ok {
			continue
		}
		// depmod lists all transitive needs, the deepest last.
		all := append([]string{mod}, deps[mod]...)
		for i := len(all) - 1; i >= 0; i-- {
			if !seen[all[i]] {
				seen[all[i]] = true
				order = append(order, all[i])
			}
		}
	}
	return order, nil
}

func (k Kernel) modulesDir() string {
	return filepath.Join(k.Root, "lib", "modules", k.Version)
}

// moduleName is the name modprobe knows a module file by.
func moduleName(file string) string {
	name, _, _ := strings.Cut(path.Base(file), ".ko")
	return strings.ReplaceAll(name, "-", "_")
}
