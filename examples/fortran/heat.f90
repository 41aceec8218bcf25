! Heat spreads along a rod: a page of Fortran 90 that the orchestrator can interrupt and continue.
!     gfortran -O2 -o heat heat.f90 && ./heat
! It talks to the orchestrator through the helper `orchestrator-report`, which a run finds on its PATH;
! without it, it is a plain program. The state is kept as raw reals: a continued run ends with the same bits.
program heat
  implicit none
  integer, parameter :: wide = selected_real_kind(15), cells = 400, steps = 20000, chunk = 500
  real(wide) :: t(0:cells+1), next(cells)
  integer :: step, i
  logical :: helper
  character(len=512) :: run, checkpoints, restore, words

  helper = call_status('command -v orchestrator-report >/dev/null 2>&1') == 0
  call variable('ORCHESTRATOR_RUN_DIR', '.', run)
  call variable('ORCHESTRATOR_CHECKPOINT_DIR', 'checkpoints', checkpoints)
  call variable('ORCHESTRATOR_RESTORE_DIR', '', restore)

  step = 0
  t = 0.0_wide
  t(cells/2) = 1000.0_wide
  if (restore /= '') call load(trim(restore)//'/state.bin')

  do while (step < steps)
    do i = 1, cells
      next(i) = t(i) + 0.4_wide*(t(i-1) - 2.0_wide*t(i) + t(i+1))
    end do
    t(1:cells) = next
    step = step + 1
    if (mod(step, chunk) == 0 .and. helper) then
      write (words, '(a,f6.4,a,i0,a,f0.6)') 'progress ', real(step)/steps, ' step=', step, ' peak=', maxval(t)
      i = call_status('orchestrator-report '//trim(words))
      if (step < steps) then
        if (call_status('orchestrator-report should-stop') == 0) then
          call save()
          stop 85                        ! checkpointed: continue me
        end if
        if (mod(step, 10*chunk) == 0) call save()
      end if
    end if
  end do

  open (10, file=trim(run)//'/heat.txt', status='replace')
  write (10, '(es24.16)') t(1:cells)
  close (10)

contains

  integer function call_status(command)
    character(len=*), intent(in) :: command
    integer :: started
    call execute_command_line(command, exitstat=call_status, cmdstat=started)
    if (started /= 0) call_status = 127
  end function

  subroutine variable(name, otherwise, value)
    character(len=*), intent(in) :: name, otherwise
    character(len=*), intent(out) :: value
    call get_environment_variable(name, value)
    if (value == '') value = otherwise
  end subroutine

  subroutine load(path)
    character(len=*), intent(in) :: path
    open (11, file=path, access='stream', form='unformatted', status='old')
    read (11) step, t
    close (11)
  end subroutine

  ! A checkpoint is whole or not at all: it is written as NAME.partial/, made durable by sync, and renamed to NAME/.
  subroutine save()
    character(len=640) :: folder
    write (folder, '(a,a,i8.8)') trim(checkpoints), '/step-', step
    if (call_status("rm -rf '"//trim(folder)//".partial' && mkdir -p '"//trim(folder)//".partial'") /= 0) stop 75
    open (12, file=trim(folder)//'.partial/state.bin', access='stream', form='unformatted', status='replace')
    write (12) step, t
    close (12)
    if (call_status("sync '"//trim(folder)//".partial/state.bin' && rm -rf '"//trim(folder)//"' && mv '"// &
        trim(folder)//".partial' '"//trim(folder)//"'") /= 0) stop 75
    i = call_status("orchestrator-report checkpoint '"//trim(folder)//"'")
  end subroutine

end program heat
