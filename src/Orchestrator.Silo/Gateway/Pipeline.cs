using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core;
using Orchestrator.Core.Ids;
using Orchestrator.Grains.Access;
using Orchestrator.Storage;
using Orleans.Runtime;

namespace Orchestrator.Silo.Gateway;

/// <summary>
/// What happens to every request around its handler: who calls, whether the role allows it, one effect for repeats with the same idempotency key, an audit row for every
/// change, and errors that say what is wrong and no more.
/// </summary>
internal sealed class Pipeline(SiloIdentity identity, TokenVerifier tokens, IIdempotencyStore keys, IAuditLog audit, TimeProvider clock, ILogger<Pipeline> logger)
{
    private const string KeyHeader = "Idempotency-Key";
    private const string Scheme = "Bearer ";
    private const int KeyLengthMax = 200;

    /// <summary>A claim falls to the next try of the request after so long: a silo that died holds it up no longer.</summary>
    private static readonly TimeSpan ClaimLease = TimeSpan.FromSeconds(30);

    public async Task RunAsync(HttpContext http, Operation operation, Func<Call, Task<Reply>> handler)
    {
        Reply reply;
        try
        {
            reply = await HandleAsync(http, operation, handler);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            reply = Reply.Of(Describe(http, error));
        }

        if (!http.Response.HasStarted && reply.Status is StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = "1";
        }

        try
        {
            await reply.WriteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody reads it any more.
        }
    }

    private async Task<Reply> HandleAsync(HttpContext http, Operation operation, Func<Call, Task<Reply>> handler)
    {
        var caller = await CallerOfAsync(http);
        if (caller is null)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return Reply.Of(new() { Status = StatusCodes.Status401Unauthorized, Title = "A valid token is needed, as \"Authorization: Bearer ID.SECRET\"." });
        }

        CallerContext.Set(caller.Principal);
        if (caller.Principal.Role < operation.Role)
        {
            var refusal = Reply.Of(new()
            {
                Status = StatusCodes.Status403Forbidden,
                Title = $"This needs the role {operation.Role.ToString().ToLowerInvariant()}; {caller.Principal.User} has {caller.Principal.Role.ToString().ToLowerInvariant()}.",
            });
            if (operation.Action is not null)
            {
                await AuditAsync(http, caller, operation.Action, Call.SubjectOf(http), null, refusal);
            }

            return refusal;
        }

        var body = operation.Takes is null && http.Request.ContentLength is null or 0 ? default : await ReadBodyAsync(http);
        var call = new Call(http, caller, operation, body);
        return operation.Action is { } action ? await ChangeAsync(call, action, handler) : await handler(call);
    }

    private async Task<Reply> ChangeAsync(Call call, string action, Func<Call, Task<Reply>> handler)
    {
        var http = call.Http;
        var key = http.Request.Headers[KeyHeader].ToString();
        if (key.Length == 0)
        {
            return await ActAsync(call, action, null, handler);
        }

        if (key.Length > KeyLengthMax || key.Any(static letter => letter is < '!' or > '~'))
        {
            throw ProblemException.Invalid(new InputProblem { Path = KeyHeader, Message = "the key is not allowed", Allowed = $"1 to {KeyLengthMax} visible ASCII characters" });
        }

        var owner = call.Caller.Principal.ToString();
        var claim = await keys.ClaimAsync(owner, key, HashOf(call), ClaimLease, http.RequestAborted);
        switch (claim.Outcome)
        {
            case IdempotencyOutcome.Replayed:
                http.Response.Headers["Idempotent-Replayed"] = "true";
                return new() { Status = claim.Reply!.Status, ContentType = claim.Reply.ContentType, Location = claim.Reply.Location, Body = claim.Reply.Body };
            case IdempotencyOutcome.InProgress:
                return Reply.Of(new() { Status = StatusCodes.Status503ServiceUnavailable, Title = "The same request is under way; ask again." });
            case IdempotencyOutcome.Conflict:
                throw ProblemException.Unprocessable(
                    "The idempotency key was used for another request.", [new() { Path = KeyHeader, Message = "another request had this key", Allowed = "a new key for a new request" }]);
            default:
                break;
        }

        Reply reply;
        try
        {
            reply = await ActAsync(call, action, key, handler);
        }
        catch
        {
            await keys.ReleaseAsync(owner, key, claim, CancellationToken.None);
            throw;
        }

        if (reply.Status < 400)
        {
            await keys.CompleteAsync(owner, key, new() { Status = reply.Status, ContentType = reply.ContentType, Location = reply.Location, Body = reply.Body }, CancellationToken.None);
        }
        else
        {
            await keys.ReleaseAsync(owner, key, claim, CancellationToken.None);
        }

        return reply;
    }

    private async Task<Reply> ActAsync(Call call, string action, string? key, Func<Call, Task<Reply>> handler)
    {
        Reply reply;
        try
        {
            reply = await handler(call);
        }
        catch (Exception error)
        {
            // Who hangs up in the middle may have changed something by then.
            reply = Reply.Of(Describe(call.Http, error));
        }

        // The caller may be gone by now; the change is not.
        await AuditAsync(call.Http, call.Caller, action, call.Subject, key, reply);
        return reply;
    }

    private async Task AuditAsync(HttpContext http, Caller caller, string action, string? subject, string? key, Reply reply)
    {
        var outcome = reply.Status >= 500 ? "failed" : reply.Outcome;
        await audit.AppendAsync(
            new()
            {
                At = clock.GetUtcNow(),
                Who = caller.Principal.User,
                Institution = caller.SeesEverything ? null : caller.Principal.Institution,
                Action = action,
                Subject = subject,
                RequestId = key ?? http.TraceIdentifier,
                Outcome = outcome,
                Details = reply.Details,
            },
            CancellationToken.None);
        SiloLog.Changed(logger, caller.Principal.User, action, subject ?? "", outcome);
    }

    private async ValueTask<Caller?> CallerOfAsync(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            // Over the socket too, so that an owner can act with less than all rights.
            return await tokens.VerifyAsync(header[Scheme.Length..].Trim(), http.RequestAborted) is { } principal ? new(principal) : null;
        }

        return header.Length == 0 && http.Features.Get<OwnerConnection>() is not null ? new(identity.Owner) : null;
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return body.ToArray();
    }

    private static byte[] HashOf(Call call)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{call.Http.Request.Method} {call.Http.Request.Path}{call.Http.Request.QueryString}\n"));
        hash.AppendData(call.Body.Span);
        return hash.GetHashAndReset();
    }

    /// <summary>What callers learn of an error. What they cannot mend is in the log, under the number of the request.</summary>
    private Problem Describe(HttpContext http, Exception error)
    {
        switch (error)
        {
            case ProblemException known:
                return known.Problem;
            case BadHttpRequestException bad:
                return new()
                {
                    Status = bad.StatusCode,
                    Title = bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The body of the request is too long." : "The request cannot be read.",
                    Detail = bad.Message,
                };
            case AccessDeniedException denied:
                return new() { Status = StatusCodes.Status403Forbidden, Title = denied.Message };
            case InvalidIdException id:
                return new() { Status = StatusCodes.Status400BadRequest, Title = id.Message };
            case OrchestratorException { IsTransient: true } transient:
                SiloLog.RequestFailed(logger, http.Request.Method, http.Request.Path, http.TraceIdentifier, error);
                return new() { Status = StatusCodes.Status503ServiceUnavailable, Title = "It did not work just now, and may have taken effect; ask again.", Detail = transient.Message };
            case TimeoutException or OrleansException or OperationCanceledException:
                SiloLog.RequestFailed(logger, http.Request.Method, http.Request.Path, http.TraceIdentifier, error);
                return new() { Status = StatusCodes.Status503ServiceUnavailable, Title = "The silo did not answer in time, and the request may have taken effect; ask again." };
            default:
                SiloLog.RequestFailed(logger, http.Request.Method, http.Request.Path, http.TraceIdentifier, error);
                return new() { Status = StatusCodes.Status500InternalServerError, Title = "The silo failed.", Detail = $"Its log has the reason, under the request {http.TraceIdentifier}." };
        }
    }
}
