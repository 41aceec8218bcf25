using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>The activations of a stateless worker on one silo: an idle one takes the call, else a new one while there may be more, else the one with the shortest queue.</summary>
internal sealed class StatelessWorkers(LocalSilo silo, GrainId grainId, GrainClass grainClass, int maxLocal)
{
    private readonly Lock gate = new();
    private readonly List<Activation> workers = [];

    public void Receive(GrainCall call)
    {
        while (true)
        {
            Activation worker;
            var isNew = false;
            lock (gate)
            {
                workers.RemoveAll(static w => w.HasEnded);
                var best = workers.MinBy(static w => w.Load);
                if (best is null || (best.Load > 0 && workers.Count < maxLocal))
                {
                    best = new Activation(silo, grainClass, grainId);
                    workers.Add(best);
                    isNew = true;
                }

                worker = best;
            }

            if (isNew)
            {
                worker.Activate(call.Context);
            }

            if (worker.Receive(call))
            {
                return;
            }

            lock (gate)
            {
                workers.Remove(worker);
            }
        }
    }
}
