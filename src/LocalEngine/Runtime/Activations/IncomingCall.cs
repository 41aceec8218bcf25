using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Local;

/// <summary>A call behind the filters of the silo and of the grain itself.</summary>
internal sealed class IncomingCall(Activation activation, GrainCall call) : IIncomingGrainCallContext
{
    private int stage;

    public IInvokable Request => call;

    public object Grain => activation.GrainInstance!;

    public GrainId? SourceId => call.SourceId.IsDefault ? null : call.SourceId;

    public GrainId TargetId => call.TargetId;

    public GrainInterfaceType InterfaceType => call.Descriptor.Interface;

    public string InterfaceName => call.Descriptor.InterfaceName;

    public string MethodName => call.Descriptor.Method.Name;

    public MethodInfo InterfaceMethod => call.Descriptor.Method;

    public MethodInfo ImplementationMethod => call.Descriptor.ImplementationIn(call.Target?.GetType() ?? activation.GrainInstance!.GetType());

    public IGrainContext TargetContext => activation;

    public object? Result
    {
        get => Response?.Result;
        set => Response = Response.FromResult(value);
    }

    public Response? Response { get; set; }

    public async Task RunAsync()
    {
        call.Target = activation.TargetOf(call);
        await Invoke();
        if (Response?.Exception is { } error)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        }

        call.ResultObject = Response?.Result;
    }

    public async Task Invoke()
    {
        var filters = activation.Silo.IncomingFilters;
        if (stage < filters.Length)
        {
            await filters[stage++].Invoke(this);
            return;
        }

        if (stage == filters.Length)
        {
            stage++;
            if (activation.GrainInstance is IIncomingGrainCallFilter own)
            {
                await own.Invoke(this);
                return;
            }
        }

        try
        {
            await call.RunAsync(call.Target!);
            Response = Response.FromResult(call.ResultObject);
        }
        catch (Exception error)
        {
            Response = Response.FromException(error);
            throw;
        }
    }
}
