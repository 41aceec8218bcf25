using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;
using Orchestrator.Pilot.Hooks;
using Orchestrator.Pilot.Journal;
using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Pilot;

internal sealed partial class PilotRun
{
    public void Ended(TaskEnd end)
    {
        if (end.Outcome == TaskOutcome.Returned)
        {
            tasks.Set.Return(end.Lease);
            return;
        }

        // The batch system ends all processes of a job at about the same moment: whether it meant this one alone is known a little later.
        if (end is { Outcome: TaskOutcome.Failed, Code: -15 or -9 or 128 + 15 or 128 + 9 })
        {
            if (tasks.Set.IsClosed)
            {
                tasks.Set.Return(end.Lease);
                return;
            }

            held.Enqueue((end, clock.GetTimestamp()));
            if (held.Count == 1)
            {
                holding.Change(HeldFor, Timeout.InfiniteTimeSpan);
            }

            return;
        }

        Take(end);
    }

    private void Take(TaskEnd end)
    {
        var reply = tasks.Set.End(end.Lease, end.Outcome == TaskOutcome.Completed, end.Duration);
        if (reply != TaskEndReply.Stale)
        {
            commits.Add(reply == TaskEndReply.WillRetry ? end : end with { IsFinal = true });
            AddSkipped();
        }
    }

    private void TakeHeld()
    {
        lock (Gate)
        {
            while (held.TryPeek(out var first))
            {
                if (HeldFor - clock.GetElapsedTime(first.At) is { Ticks: > 0 } wait)
                {
                    holding.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
                    break;
                }

                Take(held.Dequeue().End);
            }

            Pump();
        }
    }

    public void Lost(ITaskNode node, string reason)
    {
        var returned = tasks.Set.LoseNode(nodes.IndexOf(node));
        report.Warn($"{node.Name} is lost ({reason}); {returned.Count} tasks wait again");
        Pump();
    }

    public void Pump()
    {
        // A start that fails at once is reported in the midst of a turn.
        if (!isStarted || isPumping)
        {
            return;
        }

        isPumping = true;
        try
        {
            do
            {
                leased.Clear();
                var now = clock.GetUtcNow();
                for (var node = 0; node < nodes.Count; node++)
                {
                    if (!nodes[node].IsPaused)
                    {
                        tasks.Set.Lease(node, LeasesPerTurn, now, leased);
                    }
                }

                // Ahead of its use only what no node has room for now.
                for (var node = 0; node < nodes.Count; node++)
                {
                    if (nodes[node].PrefetchCores > 0 && !nodes[node].IsPaused)
                    {
                        tasks.Set.Lease(node, LeasesPerTurn, now, leased, isAhead: true);
                    }
                }

                foreach (var lease in leased)
                {
                    if (nodes[lease.Node].IsPaused)
                    {
                        tasks.Set.Return(lease);
                        continue;
                    }

                    var task = tasks.Definition(lease.Task);
                    if (report.TellsEach)
                    {
                        report.Started(task.Id, task.Shape.Demand.Cores);
                    }

                    nodes[lease.Node].Start(lease, task);
                }
            }
            while (leased.Count > 0 && !options.IsNull);
        }
        finally
        {
            isPumping = false;
        }

        if (report.TellsEach)
        {
            report.Flush();
        }

        CheckDone();
    }

    public void Answered(HookResult result, string answer)
    {
        var reading = string.IsNullOrWhiteSpace(answer) ? new TaskFileReading() : ReadAnswer(answer);
        lock (Gate)
        {
            foreach (var problem in reading.Problems)
            {
                report.Warn($"--on-complete: {problem.Path}: {problem.Message}; allowed: {problem.Allowed}; nothing of this answer is added");
            }

            foreach (var warning in reading.Warnings)
            {
                report.Warn($"--on-complete: {warning.Path}: {warning.Message}");
            }

            var rows = tasks.Add(reading.Tasks, out var conflicts);
            foreach (var id in conflicts)
            {
                report.Warn($"--on-complete: {id} is there already, with another definition; it is not added again");
            }

            commits.Add(rows, (result.Task, result.Attempt));
            unanswered--;
            if (isStarted)
            {
                tasks.Set.Admit();
                AddSkipped();
            }

            report.Expect(tasks.Count);
            Pump();
        }
    }

    /// <summary>Either one JSON value, or a task a line.</summary>
    private TaskFileReading ReadAnswer(string answer)
    {
        var whole = Read(answer);
        if (whole.Problems.Count == 0 || !answer.Trim().Contains('\n', StringComparison.Ordinal))
        {
            return whole;
        }

        var all = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Read($"[{string.Join(",\n", all)}]");

        TaskFileReading Read(string json)
        {
            lock (Gate)
            {
                return TaskFile.Read(Encoding.UTF8.GetBytes(json.Trim() == "null" ? "[]" : json), id => tasks.Find(id) >= 0, Refusal);
            }
        }
    }

    private void AddSkipped()
    {
        foreach (var task in tasks.Set.TakeNewlySkipped())
        {
            if (!skippedBefore.Contains(task))
            {
                commits.Add(new TaskEnd { Lease = new() { Task = task }, Outcome = TaskOutcome.Skipped, IsFinal = true });
            }
        }
    }

    /// <summary>On the thread of the journal: from here on it is true for everybody.</summary>
    private void OnCommitted(JournalBatch batch)
    {
        Count(batch.Ends);
        foreach (var end in batch.Ends)
        {
            if (report.TellsEach || end.Outcome != TaskOutcome.Completed || hook is not null)
            {
                string id;
                TaskShape shape;
                lock (Gate)
                {
                    (id, shape) = (tasks.IdOf(end.Lease.Task), tasks.Set.ShapeOf(end.Lease.Task));
                    unanswered += hook is not null && end.Outcome != TaskOutcome.Skipped ? 1 : 0;
                }

                report.Ended(end, id, shape);
                if (hook is not null && end.Outcome != TaskOutcome.Skipped)
                {
                    hook.Send(ResultOf(end, id));
                }
            }
        }

        report.Flush();
    }

    /// <summary>The gate once for all of them: it is what starts the next tasks too.</summary>
    private void Count(List<TaskEnd> ends)
    {
        var (all, good, bad, never, time) = (0, 0, 0, 0, TimeSpan.Zero);
        foreach (var end in ends)
        {
            all += end.Outcome == TaskOutcome.Skipped ? 0 : 1;
            good += end is { IsFinal: true, Outcome: TaskOutcome.Completed } ? 1 : 0;
            bad += end.IsFinal && end.Outcome != TaskOutcome.Completed ? 1 : 0;
            never += end.Outcome == TaskOutcome.Skipped ? 1 : 0;
            time += end.Duration;
        }

        lock (Gate)
        {
            endedNow += all;
            completed += good;
            failed += bad;
            skipped += never;
            taskTime += time;
        }
    }

    private void OnDrained()
    {
        lock (Gate)
        {
            CheckDone();
        }
    }

    private void OnJournalFault(JournalException unwritten)
    {
        lock (Gate)
        {
            fault = unwritten.Message;
        }

        Close(TimeSpan.Zero, isInterruption: false);
    }

    /// <summary>What former pilots had ended and the hook had not answered.</summary>
    private void SendUnanswered(Dictionary<int, TaskEnd> final)
    {
        if (hook is null || journal is null || final.Count == 0)
        {
            return;
        }

        var answered = journal.Answers().ToHashSet();
        foreach (var end in final.Values.Where(end => end.Outcome != TaskOutcome.Skipped && !answered.Contains((end.Lease.Task, end.Lease.Attempt))).OrderBy(static end => end.Lease.Task))
        {
            unanswered++;
            hook.Send(ResultOf(end, tasks.IdOf(end.Lease.Task)));
        }
    }

    private HookResult ResultOf(TaskEnd end, string id)
    {
        using var buffer = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            var (workdir, isPacked) = (options.Workdir!, options.IsPacked == true);
            var folder = Path.Combine(workdir, id);
            json.WriteStartObject();
            json.WriteString("task_id", id);
            json.WriteBoolean("success", end.Outcome == TaskOutcome.Completed);
            json.WriteNumber("returncode", end.Code);
            json.WriteNumber("duration", Math.Round(end.Duration.TotalSeconds, 6));
            json.WriteString("stdout_file", isPacked ? PackedOutput.OutputFile(workdir, end.Packed?.Slot ?? 0) : Path.Combine(folder, "stdout.txt"));
            json.WriteString("stderr_file", isPacked ? PackedOutput.ErrorFile(workdir, end.Packed?.Slot ?? 0) : Path.Combine(folder, "stderr.txt"));
            if (end.Packed is { } packed)
            {
                json.WriteNumber("stdout_from", packed.OutputFrom);
                json.WriteNumber("stdout_length", packed.OutputLength);
                json.WriteNumber("stderr_from", packed.ErrorFrom);
                json.WriteNumber("stderr_length", packed.ErrorLength);
            }

            json.WriteNumber("attempt", end.Lease.Attempt);
            json.WriteBoolean("final", end.IsFinal);
            json.WritePropertyName("task");
            ReadOnlyMemory<byte> definition;
            lock (Gate)
            {
                definition = tasks.Json(end.Lease.Task);
            }

            json.WriteRawValue(definition.Span, skipInputValidation: true);
            json.WriteEndObject();
        }

        return new(end.Lease.Task, end.Lease.Attempt, Encoding.UTF8.GetString(buffer.ToArray()));
    }

    /// <summary>Starts nothing more, and ends what runs after a while.</summary>
    public void Close(TimeSpan after, bool isInterruption)
    {
        lock (Gate)
        {
            if (done.Task.IsCompleted)
            {
                return;
            }

            if (!tasks.Set.IsClosed || after == TimeSpan.Zero)
            {
                tasks.Set.IsClosed = true;
                isInterrupted |= isInterruption;
                while (held.TryDequeue(out var end))
                {
                    tasks.Set.Return(end.End.Lease);
                }

                if (tasks.Set.Running > 0 && isInterruption)
                {
                    report.Say(after > TimeSpan.Zero
                        ? string.Create(CultureInfo.InvariantCulture, $"stopping: {tasks.Set.Running} tasks may run on for {after.TotalSeconds:0} s")
                        : $"stopping: {tasks.Set.Running} tasks are ended, and run again with --resume");
                }

                if (after > TimeSpan.Zero)
                {
                    timers.Add(clock.CreateTimer(_ => Close(TimeSpan.Zero, isInterruption), null, after, Timeout.InfiniteTimeSpan));
                }
                else
                {
                    nodes.ForEach(static node => node.ReturnAll());
                }
            }

            CheckDone();
        }
    }

    private void CheckDone()
    {
        if (!isStarted || done.Task.IsCompleted || tasks.Set.Running > 0)
        {
            return;
        }

        if (fault is null && commits.Outstanding > 0)
        {
            return;
        }

        // Nobody waits for answers of a hook when nothing more may start: they are asked for again.
        if (!tasks.Set.IsClosed && (unanswered > 0 || nodes.Exists(static node => node.IsPaused)))
        {
            return;
        }

        if (!tasks.Set.IsFinished && !tasks.Set.IsClosed && !isInterrupted)
        {
            report.Say(tasks.Set.IsOutOfTime(clock.GetUtcNow())
                ? "what is left cannot end before the time is over"
                : "what is left needs more than the nodes have that are left");
        }

        done.TrySetResult();
    }

    private void ReportProgress()
    {
        lock (Gate)
        {
            report.Progress(completed + failed, tasks.Count, failed, tasks.Set.Running, endedNow);
        }
    }
}
