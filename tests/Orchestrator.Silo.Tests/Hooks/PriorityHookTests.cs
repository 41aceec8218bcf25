using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Silo.Hooks;

namespace Orchestrator.Silo.Tests.Hooks;

public sealed class PriorityHookTests
{
    private const string Attempt = "s-1/run@1";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly HookVerdicts Last = new() { Verdicts = HookVerdicts.None.Verdicts.Add(Attempt, new() { Priority = 0.25 }), SaidAt = Now };

    private static readonly HookQuestion Question = HookQuestion.Of(
        [new RankedRequest(new PendingRequest { Attempt = new(new SimulationId("s-1"), "run", 1), QueuedSince = Now }, 0.5, new())], Now, 10);

    [Fact]
    public async Task A_command_reads_the_question_and_its_output_is_the_answer()
    {
        var said = await CommandAsync($$"""grep -q '"attempt":"{{Attempt}}"' && echo '{"attempts":[{"attempt":"{{Attempt}}","priority":0.75,"reason":"it matters"}]}'""");

        said.Verdicts[Attempt].ShouldBe(new() { Priority = 0.75, Reason = "it matters" });
        said.FailedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_command_may_answer_without_reading() =>
        (await CommandAsync("""echo '{"attempts":[]}'""")).Verdicts.ShouldBeEmpty();

    [Fact]
    public async Task A_command_that_fails_is_told_with_its_words_and_the_last_verdicts_hold()
    {
        var said = await CommandAsync("echo 'no database' >&2; exit 3");

        said.Error.ShouldBe("the command ended with status 3: no database");
        said.FailedAt.ShouldNotBeNull();
        said.Verdicts.ShouldBe(Last.Verdicts);
    }

    [Fact]
    public async Task A_command_that_hangs_is_ended_with_its_children_at_the_limit_of_time()
    {
        using var directory = new TemporaryDirectory();

        // The child outlives its parent's end unless both are ended: its pid is what is looked for.
        var said = await AskAsync(new CommandTransport("sleep 600 & echo $! > child; wait", directory.Path), TimeSpan.FromMilliseconds(800));

        said.Error.ShouldStartWith("there was no answer within");
        said.Verdicts.ShouldBe(Last.Verdicts);
        var child = (await File.ReadAllTextAsync(Path.Combine(directory.Path, "child"), TestContext.Current.CancellationToken)).Trim();
        await WaitUntilGoneAsync(child);
    }

    [Fact]
    public async Task A_command_that_says_what_is_no_answer_is_a_failure() =>
        (await CommandAsync("echo hello")).Error.ShouldBe("the answer is no JSON (line 1)");

    [Fact]
    public async Task A_service_gets_the_question_and_its_body_is_the_answer()
    {
        await using var service = await ServeAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var question = await reader.ReadToEndAsync(context.RequestAborted);
            await context.Response.WriteAsync(question == Question.Json ? $$"""{"attempts":[{"attempt":"{{Attempt}}","veto":true}]}""" : "{}");
        });

        (await AskAsync(new UrlTransport(AddressOf(service)))).Verdicts[Attempt].Veto.ShouldBeTrue();
    }

    [Fact]
    public async Task A_service_that_fails_or_is_not_there_changes_nothing()
    {
        var service = await ServeAsync(context =>
        {
            context.Response.StatusCode = (int)HttpStatusCode.InternalServerError;
            return Task.CompletedTask;
        });
        using var transport = new UrlTransport(AddressOf(service));

        var refused = await AskAsync(transport);
        await service.DisposeAsync();
        var gone = await AskAsync(transport);

        refused.Error.ShouldBe("the service answered with status 500");
        gone.Error.ShouldStartWith("the service could not be asked");
        gone.Verdicts.ShouldBe(Last.Verdicts);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_given_up_at_the_limit_of_time()
    {
        await using var service = await ServeAsync(context => Task.Delay(TimeSpan.FromMinutes(10), TimeProvider.System, context.RequestAborted));

        var said = await AskAsync(new UrlTransport(AddressOf(service)), TimeSpan.FromMilliseconds(300));

        said.Error.ShouldBe("there was no answer within 00:00:00.3000000");
    }

    [Theory]
    [InlineData("http://example.org/hook", false)]
    [InlineData("https://example.org/hook", true)]
    [InlineData("http://127.0.0.1:7000/hook", true)]
    [InlineData("http://[::1]:7000/", true)]
    [InlineData("http://localhost:7000/", true)]
    [InlineData("ftp://localhost/", false)]
    [InlineData("hook", false)]
    public void Only_addresses_of_this_machine_are_asked_without_encryption(string url, bool allowed) =>
        new HookOptions { Url = url }.Problems().Any().ShouldBe(!allowed);

    [Fact]
    public void All_that_is_wrong_with_its_settings_is_told()
    {
        var problems = new HookOptions { Command = "x", Url = "https://example.org", TimeLimit = TimeSpan.Zero, Every = TimeSpan.Zero, AttemptsMax = 0 }.Problems().ToArray();

        problems.Length.ShouldBe(4);
        problems.ShouldContain("Orchestrator:Hook: both Command and Url are set; one of them is allowed.");
    }

    private static Task<HookVerdicts> CommandAsync(string command) => AskAsync(new CommandTransport(command, Path.GetTempPath()), TimeSpan.FromSeconds(30));

    private static Task<HookVerdicts> AskAsync(IHookTransport transport, TimeSpan? limit = null) =>
        new PriorityHook(new HookOptions { TimeLimit = limit ?? TimeSpan.FromSeconds(30) }, transport, TimeProvider.System, NullLogger<PriorityHook>.Instance)
            .AskAsync(new ClusterId("k-main"), Question, Last, TestContext.Current.CancellationToken);

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static options => options.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var service = builder.Build();
        service.Run(answer);
        await service.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    private static Uri AddressOf(WebApplication service) =>
        new(service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>A process that was killed is gone, or a zombie that its new parent has not looked at yet.</summary>
    private static async Task WaitUntilGoneAsync(string pid)
    {
        while (File.Exists($"/proc/{pid}/stat") && !(await File.ReadAllTextAsync($"/proc/{pid}/stat", TestContext.Current.CancellationToken)).Contains(") Z ", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
