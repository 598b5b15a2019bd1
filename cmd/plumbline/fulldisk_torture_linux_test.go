//go:build system && torture

package main

import "testing"

func TestTortureFullDisk(t *testing.T) { fullDisk(t, 25) }
