using System.Globalization;
using System.Text;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>What programs wrote.</summary>
internal static class LogRoutes
{
    private const int TailLinesMax = 100_000;

    public static void Map(Routes routes)
    {
        var (access, files) = (routes.Get<SimulationAccess>(), new DataFiles(routes.Get<SiloConfiguration>().DataDirectory));
        routes.Map(
            "GET", "/v1/simulations/{id}/stages/{stage}/logs",
            new()
            {
                Summary = "The end of what an attempt wrote.",
                Returns = typeof(string),
                ReturnsMedia = "text/plain",
                Query = [new("epoch", "The attempt; the newest that started by default."), new("stream", "stdout (default) or stderr."), new("tail", "Lines, 1 to 100000; 100 by default.")],
            },
            async call =>
            {
                var epoch = (int)call.Query.Number("epoch", 1, int.MaxValue, 0);
                var tail = (int)call.Query.Number("tail", 1, TailLinesMax, 100);
                var stream = call.Query.Text("stream") ?? "stdout";
                if (stream is not ("stdout" or "stderr"))
                {
                    call.Query.Refuse("stream", stream, "stdout, stderr");
                }

                call.Query.Check();
                var view = await access.SeeAsync(call);
                var stage = view.Stages.FirstOrDefault(stage => stage.Name == call.Route("stage")) ?? throw ProblemException.Invalid(
                    new InputProblem { Path = "stage", Message = $"{view.Id} has no stage \"{call.Route("stage")}\"", Allowed = string.Join(", ", view.Stages.Select(static stage => stage.Name)) });
                if (epoch > stage.Epoch)
                {
                    throw ProblemException.Invalid(new InputProblem { Path = "epoch", Message = $"{stage.Name} has no attempt {epoch}", Allowed = string.Create(CultureInfo.InvariantCulture, $"1 to {stage.Epoch}") });
                }

                // The newest may still be in the queue: then the one before is meant.
                for (var wanted = epoch > 0 ? epoch : stage.Epoch; wanted >= 1; wanted--)
                {
                    var attempt = new AttemptId(view.Id, stage.Name, wanted);
                    var text = await files.TailAsync(stream == "stdout" ? RunLayout.StandardOutput(attempt) : RunLayout.StandardError(attempt), tail, call.Cancellation);
                    if (text is not null)
                    {
                        call.Http.Response.Headers["X-Epoch"] = wanted.ToString(CultureInfo.InvariantCulture);
                        return new Reply { Status = 200, ContentType = "text/plain; charset=utf-8", Body = text };
                    }

                    if (epoch > 0)
                    {
                        break;
                    }
                }

                return new Reply { Status = 200, ContentType = "text/plain; charset=utf-8", Body = Encoding.UTF8.GetBytes("") };
            });
    }
}
