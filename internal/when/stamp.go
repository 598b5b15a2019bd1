package when

// The shapes of stamps, told apart by how many digits they begin with and what
// stands after them:
//
//	1117838570.123                    any count   Unix, by magnitude
//	2006-01-02T15:04:05.999Z          4 - / .     year first
//	2005-06-03-15.42.50.675872
//	20171223-22:15:29:606             8           compact
//	20060102150405                    14
//	081109 203518                     6 space     two-digit year, compact
//	17/06/09 20:10:40                 2 /         two-digit year first
//	10/Oct/2000:13:55:36 -0700        2 / letter  day first
//	02 Jan 2006 15:04:05              1-2 letter
//	03-17 16:13:38.811                2 - .       no year
//	0525 13:45:12.123456              4 space     no year
//	Mon, 02 Jan 2006 15:04:05 MST     weekday
//	Mon Jan  2 15:04:05 2006          weekday, month
//	Jan  2 15:04:05                   month       no year

// stamp reads any of these shapes.
func (s *scanner) stamp(f *fields) bool {
	start := s.pos
	if s.shape(f) {
		return true
	}
	s.pos = start
	*f = fields{}
	return s.unix(f)
}

func (s *scanner) shape(f *fields) bool {
	run := s.run()
	next := s.at(run)
	switch {
	case run == 0:
		return s.named(f)
	case run == 4 && (next == '-' || next == '/' || next == '.'):
		return s.yearFirst(f)
	case run == 4 && next == ' ':
		f.noYear = true
		f.month, _ = s.two()
		f.day, _ = s.two()
		s.pos++
		return s.clock(f, 0) && f.month <= 12
	case run == 8, run == 14:
		return s.compact(f, run)
	case run == 6 && next == ' ' && s.after(7) == 6:
		return s.shortCompact(f)
	case run <= 2:
		return s.small(f, run, next)
	}
	return false
}

// yearFirst reads 2006-01-02, with / or . as well, alone or with a clock.
func (s *scanner) yearFirst(f *fields) (ok bool) {
	f.year, _ = s.number(4, 4)
	sep := s.at(0)
	s.pos++
	if f.month, ok = s.number(1, 2); !ok {
		return s.dayMonthYearNamed(f, sep)
	}
	f.day = 1
	if s.at(0) != sep {
		return sep == '-' && !s.leading && s.pos == len(s.text)
	}
	s.pos++
	if f.day, ok = s.number(1, 2); !ok {
		return false
	}
	s.dayTime(f)
	return true
}

// dayMonthYearNamed reads the rest of 2006-Jan-02 15:04:05.
func (s *scanner) dayMonthYearNamed(f *fields, sep byte) (ok bool) {
	if !s.month(f) || !s.skip(sep) {
		return false
	}
	if f.day, ok = s.number(1, 2); ok {
		s.dayTime(f)
	}
	return ok
}

// dayTime reads the clock after a complete date, if there is one, and its zone.
func (s *scanner) dayTime(f *fields) {
	start := s.pos
	var form clockForm
	switch s.at(0) {
	case 'T':
		form = hourAlone
	case '-':
		form = dotted | unpadded
	}
	switch s.at(0) {
	case 'T', 't', ' ', '_', '-', ':', ',':
		s.pos++
		s.spaces()
		if s.clock(f, form) {
			s.zone(f)
			return
		}
	}
	s.pos = start
}

// compact reads 20060102, then T, - or a space and a clock, or six digits more.
func (s *scanner) compact(f *fields, run int) bool {
	f.year, _ = s.number(4, 4)
	f.month, _ = s.two()
	f.day, _ = s.two()
	if run == 14 {
		if !s.clock(f, 0) {
			return false
		}
		s.zone(f)
	} else {
		s.dayTime(f)
	}
	// Eight digits alone are a Unix time.
	return f.clocked && f.month <= 12
}

// shortCompact reads 060102 150405.
func (s *scanner) shortCompact(f *fields) bool {
	f.year, _ = s.two()
	f.month, _ = s.two()
	f.day, _ = s.two()
	f.year = fullYear(f.year)
	s.pos++
	return s.clock(f, 0) && f.month <= 12
}

// fullYear reads two digits as POSIX does: 69 to 99 are of the last century.
func fullYear(short int) int {
	if short >= 69 {
		return 1900 + short
	}
	return 2000 + short
}

// small reads the shapes that begin with one or two digits.
func (s *scanner) small(f *fields, run int, next byte) bool {
	first, _ := s.number(1, 2)
	switch {
	case next == ' ' || (next == '/' || next == '-') && isLetter(s.at(1)):
		f.day = first
		s.pos++
		return s.dayFirst(f, next)
	case run == 2 && next == '/':
		return s.shortYearFirst(f, first)
	case run == 2 && (next == '-' || next == '.'):
		return s.monthDay(f, first)
	}
	return false
}

// dayFirst reads the rest of 10/Oct/2000:13:55:36 -0700, 02 Jan 2006 15:04:05
// and 02-Jan-06 15:04:05.
func (s *scanner) dayFirst(f *fields, sep byte) (ok bool) {
	if !s.month(f) || !s.skip(sep) {
		return false
	}
	run := s.run()
	if f.year, ok = s.number(2, 4); !ok || run != 2 && run != 4 {
		return false
	}
	if run == 2 {
		f.year = fullYear(f.year)
	}
	s.dayTime(f)
	return true
}

// shortYearFirst reads the rest of 06/01/02 15:04:05; without a clock it could
// be any country's order of day, month and year.
func (s *scanner) shortYearFirst(f *fields, year int) (ok bool) {
	f.year = fullYear(year)
	s.pos++
	if f.month, ok = s.two(); !ok || !s.skip('/') {
		return false
	}
	if f.day, ok = s.two(); !ok || isDigit(s.at(0)) {
		return false
	}
	s.dayTime(f)
	return f.clocked
}

// monthDay reads the rest of 01-02 15:04:05 and 01.02 15:04:05.
func (s *scanner) monthDay(f *fields, month int) (ok bool) {
	f.month, f.noYear = month, true
	s.pos++
	if f.day, ok = s.two(); !ok || !s.skip(' ') {
		return false
	}
	return s.clock(f, 0)
}

// named reads the shapes that begin with a weekday or a month.
func (s *scanner) named(f *fields) bool {
	weekday := false
	if _, weekday = s.name(dayNames[:]); weekday {
		s.skip(',')
		if !s.spaces() {
			return false
		}
		if run := s.run(); run > 0 {
			next := s.at(run)
			return run <= 2 && (next == ' ' || next == '-') && s.small(f, run, next)
		}
	}
	if !s.month(f) {
		return false
	}
	s.skip('.')
	return s.spaces() && s.monthFirst(f, weekday)
}

// monthFirst reads the rest of Jan _2 15:04:05, of Jan _2 15:04:05 MST 2006,
// and of Jan 2, 2006 3:04 PM.
func (s *scanner) monthFirst(f *fields, weekday bool) (ok bool) {
	if f.day, ok = s.number(1, 2); !ok {
		return false
	}
	s.skip(',')
	if !s.spaces() {
		return false
	}
	f.noYear = true
	if s.run() == 4 && s.at(4) != ':' {
		f.year, _ = s.number(4, 4)
		f.noYear = false
		s.dayTime(f)
		return true
	}
	if !s.clock(f, 0) {
		return false
	}
	s.zone(f)
	s.yearLast(f, weekday)
	return true
}

// yearLast reads the year of Mon Jan 2 15:04:05 2006. At the head of a line
// without a weekday those digits could be the message.
func (s *scanner) yearLast(f *fields, weekday bool) {
	start := s.pos
	if s.leading && !weekday || !s.spaces() || s.run() != 4 {
		s.pos = start
		return
	}
	f.year, _ = s.number(4, 4)
	f.noYear = false
}

func (s *scanner) month(f *fields) bool {
	place, ok := s.name(monthNames[:])
	f.month = place + 1
	return ok
}
