// Command demo shows the daemon's main job on a machine without a radio: it
// starts a private message bus and wpa_supplicant on the simulated air, creates
// an interface over D-Bus, scans, prints what was found, connects, and watches signals
// arrive. Then it tells which commands to try against it, until it is
// interrupted (or ends at once with -once).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"gosupplicant/cmd/wpa_supplicant/stage"
	"gosupplicant/dbus/bus"
)

func main() {
	bin := flag.String("bin", "build", "folder of the programs")
	once := flag.Bool("once", false, "end by itself after the first scan")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := demo(ctx, *bin, *once); err != nil {
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(1)
	}
}

func demo(ctx context.Context, bin string, once bool) error {
	dir, err := os.MkdirTemp("", "gosupplicant-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b, err := stage.StartBus(ctx, dir)
	if err != nil {
		return err
	}
	defer b.Stop()
	c, err := stage.Connect(ctx, b.Address)
	if err != nil {
		return err
	}
	defer c.Close()
	begun := time.Now()
	d, err := b.StartDaemon(ctx, filepath.Join(dir, "log"), filepath.Join(bin, "wpa_supplicant"), "-u", "-t", "-O", "DIR="+filepath.Join(dir, "ctrl"))
	if err != nil {
		return fmt.Errorf("%w (run make build first)", err)
	}
	defer d.Stop()
	within, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if err := c.WaitOwned(within); err != nil {
		return err
	}
	fmt.Printf("wpa_supplicant owns %s on a private bus %v after its start.\n", stage.Service, time.Since(begun).Round(time.Millisecond))
	path, err := c.CreateInterface("sim0", "sim")
	if err != nil {
		return err
	}
	fmt.Printf("CreateInterface made %s on the simulated air.\n\nScanning …\n", path)
	if err := firstScan(within, c, path); err != nil {
		return err
	}
	if err := join(within, c, path); err != nil {
		return err
	}
	printHints(dir, bin, b.Address, string(path))
	if once {
		return nil
	}
	fmt.Println("\nScanning every 10 s; signals are shown as they come. Ctrl-C ends.")
	if err := watch(ctx, c, path); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// firstScan scans, and prints the networks and which signals told of them.
func firstScan(ctx context.Context, c *stage.Client, path bus.ObjectPath) error {
	if err := c.StartScan(path); err != nil {
		return err
	}
	seen := map[string]int{}
	if err := c.WaitScan(ctx, path, func(s *bus.Signal) { seen[s.Member]++ }); err != nil {
		return err
	}
	if err := printTable(c, path); err != nil {
		return err
	}
	var names []string
	for n := range seen {
		names = append(names, n)
	}
	slices.Sort(names)
	fmt.Print("\nSignals that came with it:")
	for _, n := range names {
		fmt.Printf(" %s×%d", n, seen[n])
	}
	fmt.Println()
	return nil
}

// join connects to a network of the simulated air and prints how its state
// changes on the way.
func join(ctx context.Context, c *stage.Client, path bus.ObjectPath) error {
	const ssid, passphrase = "Home", "simulated"
	fmt.Printf("\nConnecting to %q (AddNetwork, SelectNetwork):\n", ssid)
	var block bus.Dict
	block.Add("ssid", ssid)
	block.Add("psk", passphrase)
	block.Add("key_mgmt", "WPA-PSK SAE")
	out, err := c.Method(path, stage.Interface, "AddNetwork", block)
	if err != nil {
		return fmt.Errorf("AddNetwork: %w", err)
	}
	begun := time.Now()
	if _, err := c.Method(path, stage.Interface, "SelectNetwork", out[0]); err != nil {
		return fmt.Errorf("SelectNetwork: %w", err)
	}
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("not connected: %w", ctx.Err())
		case s := <-c.Signals:
			state := changedState(s)
			if state == "" {
				continue
			}
			fmt.Printf("  %6d ms  %s\n", time.Since(begun).Milliseconds(), state)
			if state == "completed" {
				return nil
			}
		}
	}
}

// changedState is the new State that a signal of the interface tells, or empty.
func changedState(s *bus.Signal) string {
	if s.Interface != stage.Interface || s.Member != "PropertiesChanged" {
		return ""
	}
	args, err := s.Args()
	if err != nil || len(args) != 1 {
		return ""
	}
	d, _ := args[0].(bus.Dict)
	v, _ := d.Get("State")
	state, _ := v.Value.(string)
	return state
}

// watch scans again and again and shows signals until ctx ends.
func watch(ctx context.Context, c *stage.Client, path bus.ObjectPath) error {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			if err := c.StartScan(path); err != nil {
				return err
			}
		case s := <-c.Signals:
			if s.Interface != stage.Properties { // told by the interface's own signal as well
				fmt.Printf("%s  %s %s.%s\n", time.Now().Format("15:04:05.000"), s.Path, s.Interface, s.Member)
			}
		}
	}
}

func printHints(dir, bin, address, path string) {
	cli, ctrl := filepath.Join(bin, "wpa_cli"), filepath.Join(dir, "ctrl")
	fmt.Printf(`
Try it from another terminal:

  export DBUS_SYSTEM_BUS_ADDRESS='%s'
  busctl --address="$DBUS_SYSTEM_BUS_ADDRESS" tree %s
  busctl --address="$DBUS_SYSTEM_BUS_ADDRESS" introspect %s %s
  gdbus call --system -d %s -o %s -m %s.Interface.Scan "{'Type': <'active'>}"
  gdbus monitor --system -d %s
  %s -p %s -i sim0 scan_results
  %s -p %s -i sim0            (interactive; "help" lists the commands)

The daemon's log is %s.
`, address, stage.Service, stage.Service, path, stage.Service, path, stage.Service, stage.Service,
		cli, ctrl, cli, ctrl, filepath.Join(dir, "log"))
}
