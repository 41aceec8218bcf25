using System.Net;
using System.Text.Json;
using Orchestrator.Cli.Alerts;
using Orchestrator.Core.Reports;

namespace Orchestrator.Cli.Tests.Alerts;

public sealed class AlertTests : IDisposable
{
    private static readonly HealthBreach Loss = new("s-1", "loss", "s-1: 3 h would be lost if it died now; allowed: 1 h");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();
    private readonly PatientClock clock = new();
    private readonly StringWriter errors = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        errors.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_breach_is_posted_once_for_as_long_as_it_lasts_and_again_when_it_comes_back()
    {
        var service = new Service(HttpStatusCode.OK);

        await TellAsync(service, [Loss]);
        await TellAsync(service, [Loss]);
        service.Bodies.Count.ShouldBe(1);
        await TellAsync(service, []);
        clock.Pass(TimeSpan.FromHours(1));
        await TellAsync(service, [Loss]);

        service.Bodies.Count.ShouldBe(2);
        service.Keys.Distinct().Count().ShouldBe(2, "it is another event");
        using var body = JsonDocument.Parse(service.Bodies[0]);
        body.RootElement.GetProperty("simulation").GetString().ShouldBe("s-1");
        body.RootElement.GetProperty("what").GetString().ShouldBe("loss");
        body.RootElement.GetProperty("id").GetString().ShouldBe(service.Keys[0]);
        body.RootElement.GetProperty("text").GetString().ShouldBe(Loss.Text);
        errors.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_may_pass_is_tried_again_with_growing_pauses_under_the_same_key()
    {
        var service = new Service(HttpStatusCode.ServiceUnavailable, HttpStatusCode.TooManyRequests, null, HttpStatusCode.NoContent);

        await TellAsync(service, [Loss]);

        service.Bodies.Count.ShouldBe(4);
        service.Keys.Distinct().Count().ShouldBe(1);
        clock.Pauses.ShouldBe([1, 2, 4]);
        errors.ToString().ShouldBeEmpty();
        File.Exists(Failures).ShouldBeFalse();
    }

    [Fact]
    public async Task What_cannot_pass_is_not_tried_again_but_recorded_and_told_with_the_next_report()
    {
        var service = new Service(HttpStatusCode.NotFound);

        await TellAsync(service, [Loss]);

        service.Bodies.Count.ShouldBe(1);
        clock.Pauses.ShouldBeEmpty();
        errors.ToString().ShouldContain("status 404");
        errors.ToString().ShouldNotContain("secret");
        using (var failure = JsonDocument.Parse((await File.ReadAllLinesAsync(Failures, Token)).ShouldHaveSingleItem()))
        {
            failure.RootElement.GetProperty("simulation").GetString().ShouldBe("s-1");
            failure.RootElement.GetProperty("tries").GetInt32().ShouldBe(1);
            failure.RootElement.GetProperty("why").GetString()!.ShouldContain("404");
        }

        await TellAsync(new Service(HttpStatusCode.OK), [Loss]);
        await TellAsync(new Service(), [Loss]);
    }

    [Fact]
    public async Task After_the_last_try_the_failure_says_how_often_it_was_tried()
    {
        await TellAsync(new Service(null, null, null, null), [Loss]);

        (await File.ReadAllTextAsync(Failures, Token)).ShouldContain("\"tries\":4");
        errors.ToString().ShouldContain("4 times");
    }

    [Fact]
    public async Task A_service_that_does_not_answer_in_time_is_given_up()
    {
        clock.LimitsPass = true;
        using var hook = new Webhook(new("https://ops.example/secret"), TimeSpan.FromSeconds(5), 1, new Silent(), clock);

        var (problem, tries) = await hook.PostAsync("id", "{}", Token);

        problem.ShouldBe("it did not answer within 5 s");
        tries.ShouldBe(1);
    }

    [Fact]
    public async Task Command_and_service_are_told_apart_and_both_once()
    {
        var told = Path.Combine(folder.FullName, "told");
        var service = new Service(HttpStatusCode.NotFound, HttpStatusCode.OK);

        await TellAsync(service, [Loss], $"cat >> '{told}'");
        await TellAsync(service, [Loss], $"cat >> '{told}'");

        (await File.ReadAllLinesAsync(told, Token)).ShouldHaveSingleItem().ShouldContain("\"what\":\"loss\"");
        service.Bodies.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Reports_with_other_limits_do_not_forget_what_each_other_told()
    {
        var service = new Service(HttpStatusCode.OK, HttpStatusCode.OK);
        var (none, strict) = (new HealthLimits(), new HealthLimits { LossMax = TimeSpan.FromMinutes(5) });

        await TellAsync(service, [Loss], limits: strict);
        await TellAsync(service, [], limits: none);
        await TellAsync(service, [Loss], limits: strict);
        service.Bodies.Count.ShouldBe(1);

        await TellAsync(service, [Loss], limits: none);
        await TellAsync(service, [Loss], limits: none);
        service.Bodies.Count.ShouldBe(2);
        service.Keys.Distinct().Count().ShouldBe(2, "other limits, another event");
    }

    [Fact]
    public async Task A_service_that_did_not_take_one_breach_is_left_alone_until_the_next_report()
    {
        var more = Loss with { Simulation = "s-2" };
        await TellAsync(new Service(null, null, null, null), [Loss, more]);
        var service = new Service(HttpStatusCode.OK, HttpStatusCode.OK);

        await TellAsync(service, [Loss, more]);

        service.Bodies.Count.ShouldBe(2);
    }

    [Fact]
    public async Task While_another_report_tells_breaches_nothing_is_told_twice()
    {
        using (new FileStream(Path.Combine(folder.FullName, "health-alerts.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            await TellAsync(new Service(), [Loss]);
        }

        errors.ToString().ShouldContain("another report tells breaches");
        var service = new Service(HttpStatusCode.OK);
        await TellAsync(service, [Loss]);
        service.Bodies.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_user_and_a_secret_before_the_host_are_sent_as_credentials_and_told_nobody()
    {
        var service = new Service(HttpStatusCode.NotFound);
        using var hook = new Webhook(new("https://ops:se%3Acret@ops.example/hooks"), TimeSpan.FromSeconds(5), 1, service, clock);

        await hook.PostAsync("id", "{}", Token);

        hook.Name.ShouldBe("https://ops.example");
        service.Credentials.ShouldBe("Basic " + Convert.ToBase64String("ops:se:cret"u8));
    }

    [Fact]
    public async Task What_an_older_release_told_is_not_told_again()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "health-told.json"), "[\"s-1 loss\"]", Token);

        await new BreachAlerts(folder.FullName, new(), errors, clock).TellAsync([Loss], "exit 7", null, Token);

        errors.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_damaged_book_is_told_and_nothing_is_posted()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "health-alerts.json"), "{", Token);

        (await Should.ThrowAsync<IOException>(() => TellAsync(new Service(), [Loss]))).Message.ShouldContain("health-alerts.json is damaged");
    }

    private string Failures => Path.Combine(folder.FullName, "health-alert-failures.jsonl");

    private async Task TellAsync(Service service, HealthBreach[] breaches, string? command = null, HealthLimits? limits = null)
    {
        using var hook = new Webhook(new("https://ops.example/secret?key=secret"), TimeSpan.FromSeconds(5), 4, service, clock);
        await new BreachAlerts(folder.FullName, limits ?? new(), errors, clock).TellAsync([.. breaches], command, hook, Token);
    }

    /// <summary>Answers with these statuses, one after the other; null: it cannot be reached.</summary>
    private sealed class Service(params HttpStatusCode?[] answers) : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        public List<string> Keys { get; } = [];

        public string? Credentials { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Credentials = request.Headers.Authorization?.ToString();
            Keys.Add(request.Headers.GetValues("Idempotency-Key").Single());
            Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            Bodies.Count.ShouldBeLessThanOrEqualTo(Math.Max(answers.Length, 2), "it was asked more often than there are answers");
            return answers[Math.Min(Bodies.Count, answers.Length) - 1] is { } status ? new HttpResponseMessage(status) : throw new HttpRequestException("nobody is there");
        }
    }

    /// <summary>Never answers; the time limit is over at once.</summary>
    private sealed class Silent : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException();
        }
    }
}
