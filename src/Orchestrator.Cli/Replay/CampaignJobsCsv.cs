using System.Globalization;
using Orchestrator.Core.Replay.Campaigns;

namespace Orchestrator.Cli.Replay;

/// <summary>What became of each stage, as a table. Times are in seconds.</summary>
internal static class CampaignJobsCsv
{
    public const string Heading = "job,user,class,protected,nodes,state,submit,start,end,waited,longest_wait,held,attempts,node_losses,lost,largest_loss,preemptions,relocations,checkpoints,checkpoint_time";

    public static void Write(TextWriter output, CampaignResult result)
    {
        output.Write(Heading);
        output.Write('\n');
        foreach (var job in result.Jobs)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{job.Job},{job.User},{job.Class.ToString().ToLowerInvariant()},{(job.Protected ? "true" : "false")},{job.Nodes},{job.State},{Seconds(job.Submitted)},{Seconds(job.FirstStart)},{Seconds(job.End)},{Seconds(job.Waited)},{Seconds(job.WaitLongest)},{Seconds(job.Held)},{job.Attempts},{job.NodeLosses},{Seconds(job.Lost)},{Seconds(job.LossLargest)},{job.Preemptions},{job.Relocations},{job.Checkpoints},{Seconds(job.CheckpointTime)}\n"));
        }
    }

    private static string Seconds(TimeSpan? time) => time is { } at ? at.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) : "";
}
