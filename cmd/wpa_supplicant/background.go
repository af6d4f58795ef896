package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"github.com/coreos/go-systemd/v22/activation"
	"golang.org/x/sys/unix"
)

// readyVariable names, in the environment of the background process, the
// descriptor on which it says that it is ready.
const readyVariable = "GOSUPPLICANT_READY_FD"

// startBackground runs this program again as a daemon, in a session of its own,
// and waits until it is ready or has failed. The result is the exit status of
// the foreground process.
func startBackground() int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintf(os.Stderr, "wpa_supplicant: cannot find the own program: %v\n", err)
		return exitFailure
	}
	r, w, err := os.Pipe()
	if err != nil {
		fmt.Fprintf(os.Stderr, "wpa_supplicant: pipe: %v\n", err)
		return exitFailure
	}
	inherited := inheritedFiles()
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.ExtraFiles = append(inherited, w) // socket activation keeps its numbers from 3 on
	cmd.Env = append(os.Environ(), readyVariable+"="+strconv.Itoa(3+len(inherited)))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(os.Stderr, "wpa_supplicant: daemon: %v\n", err)
		return exitFailure
	}
	w.Close()
	var b [1]byte
	if n, _ := r.Read(b[:]); n == 1 {
		return 0
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() >= 0 {
		return exit.ExitCode()
	}
	return exitFailure
}

// listenPID says for which process the sockets of service activation are. The
// background process has a number that nobody knew before, and gets handedOver.
const (
	listenPID  = "LISTEN_PID"
	handedOver = "background"
)

// maxActivated bounds LISTEN_FDS.
const maxActivated = 16

// activationFiles are the sockets of service activation for this process.
func activationFiles(forget bool) []*os.File {
	if n, err := strconv.Atoi(os.Getenv("LISTEN_FDS")); err != nil || n < 1 || n > maxActivated {
		return nil
	}
	return activation.Files(forget)
}

// inheritedFiles are the descriptors of socket activation, left open for the
// background process.
func inheritedFiles() []*os.File {
	files := activationFiles(false)
	if len(files) > 0 {
		os.Setenv(listenPID, handedOver)
	}
	return files
}

// activatedSockets are the sockets of service activation that are meant for
// this process, directly or through the foreground process.
func activatedSockets() []*os.File {
	if os.Getenv(readyVariable) != "" && os.Getenv(listenPID) == handedOver {
		os.Setenv(listenPID, strconv.Itoa(os.Getpid()))
	}
	return activationFiles(true)
}

// detach is the background process being ready: it writes the PID file, lets
// go of the terminal and tells the foreground process. It returns what undoes
// the PID file.
func detach(pidFile string) (func(), error) {
	undo := func() {}
	if pidFile != "" {
		if err := os.WriteFile(pidFile, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644); err != nil {
			return undo, fmt.Errorf("PID file: %w", err)
		}
		undo = func() { os.Remove(pidFile) }
	}
	fd, err := strconv.Atoi(os.Getenv(readyVariable))
	if err != nil {
		return undo, fmt.Errorf("%s: %w", readyVariable, err)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return undo, err
	}
	defer null.Close()
	for std := range 3 {
		if err := unix.Dup3(int(null.Fd()), std, 0); err != nil {
			return undo, fmt.Errorf("closing the terminal: %w", err)
		}
	}
	ready := os.NewFile(uintptr(fd), "ready")
	defer ready.Close()
	os.Unsetenv(readyVariable)
	if err := os.Chdir("/"); err != nil {
		return undo, err
	}
	_, err = ready.Write([]byte{1})
	return undo, err
}
