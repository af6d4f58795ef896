package vm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// GuestShare is where the machine sees the share.
const GuestShare = "/mnt/share"

// Config says what to boot and what to run.
type Config struct {
	Command   []string      // program and arguments, as paths of the host or of GuestShare
	Env       []string      // NAME=value, added to a small standard environment
	Dir       string        // working folder in the machine; "" is /root
	Radios    int           // how many simulated radios; 0 leaves the module unloaded
	HWSimArgs []string      // more parameters of mac80211_hwsim
	MemoryMiB int           // 0 is 1024
	Timeout   time.Duration // for boot and command together; 0 is 10 minutes
	Share     string        // folder of the host, writable from both sides; "" makes one and removes it
	Init      string        // the statically linked vmrun program; see BuildInit
	Output    io.Writer     // receives what the command prints, as it comes
	Shell     bool          // run on this terminal instead: Command is attached to stdin and stdout
}

// Result is what came back.
type Result struct {
	ExitCode int
	Boot     time.Duration // from the start of qemu to the start of the command
	Total    time.Duration // until qemu ended
	Console  string        // kernel's console, a file in the share
}

// job is what the host tells the guest, as JSON in the initial file system.
type job struct {
	Command    []string
	Env        []string
	Dir        string
	Radios     int
	HWSimArgs  []string
	Version    string
	ModulesDir string // on the host
	Shell      bool
}

// Files of the share through which the guest reports.
const (
	startedFile = "started" // made when the command starts
	exitFile    = "exit"    // decimal exit code
	consoleFile = "console"
)

// BuildInit builds the guest's first process into dir and returns its path.
// The working folder must be inside this module.
func BuildInit(ctx context.Context, dir string) (string, error) {
	out := filepath.Join(dir, "vm-init")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", out,
		"gosupplicant/cmd/wpa_supplicant/vmtest/vmrun")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("vm: build init: %w: %s", err, bytes.TrimSpace(msg))
	}
	return out, nil
}

// Run boots a machine, runs the command, and waits for the end. The error is
// about the machine: a command that ended, with whatever code, is a Result.
func Run(ctx context.Context, c Config) (Result, error) {
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	cache, err := CacheDir()
	if err != nil {
		return Result{}, err
	}
	kernel, err := FindKernel(ctx, cache)
	if err != nil {
		return Result{}, err
	}
	work, err := os.MkdirTemp("", "vm")
	if err != nil {
		return Result{}, fmt.Errorf("vm: %w", err)
	}
	defer os.RemoveAll(work)
	if c.Share == "" {
		c.Share = filepath.Join(work, "share")
	}
	if err := prepareShare(c.Share); err != nil {
		return Result{}, err
	}
	initrd := filepath.Join(work, "initrd")
	if err := writeInitrd(initrd, kernel, c); err != nil {
		return Result{}, err
	}
	return boot(ctx, c, kernel, initrd)
}

func prepareShare(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("vm: share: %w", err)
	}
	for _, name := range []string{startedFile, exitFile, consoleFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("vm: share: %w", err)
		}
	}
	return nil
}

// writeInitrd packs the guest's program, the modules it loads first and its job.
func writeInitrd(path string, k Kernel, c Config) error {
	order, err := k.loadOrder(bootModules)
	if err != nil {
		return err
	}
	spec, err := json.Marshal(job{Command: c.Command, Env: c.Env, Dir: c.Dir, Radios: c.Radios,
		HWSimArgs: c.HWSimArgs, Version: k.Version, ModulesDir: k.modulesDir(), Shell: c.Shell})
	if err != nil {
		return fmt.Errorf("vm: job: %w", err)
	}
	program, err := os.ReadFile(c.Init)
	if err != nil {
		return fmt.Errorf("vm: init: %w", err)
	}
	var archive bytes.Buffer
	w := &cpioWriter{w: &archive}
	for _, dir := range []string{"proc", "sys", "dev", "host", "memory", "root", "modules"} {
		w.add(dir, cpioDir, nil)
	}
	w.add("init", cpioFile, program)
	w.add("job", cpioFile, spec)
	for i, mod := range order {
		content, err := os.ReadFile(filepath.Join(k.modulesDir(), mod))
		if err != nil {
			return fmt.Errorf("vm: module: %w", err)
		}
		w.add(fmt.Sprintf("modules/%03d-%s", i, filepath.Base(mod)), cpioFile, content)
	}
	if err := w.close(); err != nil {
		return fmt.Errorf("vm: initrd: %w", err)
	}
	return os.WriteFile(path, archive.Bytes(), 0o644)
}

func boot(ctx context.Context, c Config, k Kernel, initrd string) (Result, error) {
	const program = "qemu-system-x86_64"
	if _, err := exec.LookPath(program); err != nil {
		return Result{}, fmt.Errorf("vm: %s is not installed (`make deps` installs it): %w", program, err)
	}
	cmd := exec.CommandContext(ctx, program, qemuArgs(c, k, initrd)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.Stdout = c.Output
	if c.Shell {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		cmd.SysProcAttr = nil
	} else {
		// At the end of its input qemu would disconnect the serial line.
		input, err := cmd.StdinPipe()
		if err != nil {
			return Result{}, fmt.Errorf("vm: qemu: %w", err)
		}
		defer input.Close()
	}
	begin := time.Now()
	runErr := cmd.Run()
	r := Result{ExitCode: -1, Total: time.Since(begin), Console: filepath.Join(c.Share, consoleFile)}
	if st, err := os.Stat(filepath.Join(c.Share, startedFile)); err == nil {
		r.Boot = st.ModTime().Sub(begin)
	}
	if ctx.Err() != nil {
		return r, fmt.Errorf("vm: not finished after %v: %w\n%s", c.Timeout, ctx.Err(), tail(r.Console, 15))
	}
	if runErr != nil {
		return r, fmt.Errorf("vm: qemu: %w: %s", runErr, strings.TrimSpace(stderr.String()))
	}
	code, err := os.ReadFile(filepath.Join(c.Share, exitFile))
	if err != nil {
		return r, fmt.Errorf("vm: the machine stopped without an exit code; end of its console:\n%s", tail(r.Console, 15))
	}
	if r.ExitCode, err = strconv.Atoi(strings.TrimSpace(string(code))); err != nil {
		return r, fmt.Errorf("vm: exit code: %w", err)
	}
	return r, nil
}

// qemuArgs is the machine: two emulated processors, the host's root as 9p
// export "host", the share as "share", and one serial line for the output. On a
// busy host the emulated timer may come too late for the kernel's check of it.
func qemuArgs(c Config, k Kernel, initrd string) []string {
	accel := os.Getenv("VM_ACCEL")
	if accel == "" {
		accel = "tcg,thread=multi"
	}
	memory := c.MemoryMiB
	if memory == 0 {
		memory = 1024
	}
	args := []string{
		"-accel", accel, "-cpu", "max", "-smp", "2", "-m", strconv.Itoa(memory),
		"-nodefaults", "-display", "none", "-no-reboot",
		"-kernel", k.Image, "-initrd", initrd,
		"-append", "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off tsc=reliable no_timer_check",
		"-device", "virtio-rng-pci",
		"-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap",
		"-device", "virtio-9p-pci,fsdev=host,mount_tag=host",
		"-fsdev", "local,id=share,path=" + c.Share + ",security_model=none",
		"-device", "virtio-9p-pci,fsdev=share,mount_tag=share",
	}
	if c.Shell {
		return append(args, "-serial", "stdio")
	}
	return append(args, "-serial", "file:"+filepath.Join(c.Share, consoleFile),
		"-device", "virtio-serial-pci", "-chardev", "stdio,id=output,signal=off",
		"-device", "virtserialport,chardev=output,name=output")
}

// tail returns the last n lines of a file, as far as it can be read.
func tail(path string, n int) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
