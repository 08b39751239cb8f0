using System.Globalization;

namespace BeschutWerk.Faults;

/// <summary>The broker is killed again and again under load, every second time with everything that it held: the logs have it.</summary>
internal sealed class BrokerKilled : Fault
{
    private const double Rate = 60;

    public override string Id => "F5";

    public override bool IsOfBroker => true;

    public override string What => "kill -9 of the broker, its queues and disk wiped";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        var random = new Random(extent.Seed);
        var (rounds, wiped) = (extent.Of(2, 10), 0);
        scenery.Work(Rate);
        for (var round = 1; round <= rounds; round++)
        {
            await Task.Delay(random.Next(1000));
            await scenery.Platform.Broker.KillAsync();
            if (round % 2 == 0)
            {
                scenery.Platform.Broker.Wipe();
                wiped++;
            }

            await scenery.Platform.Broker.StartAsync();
        }

        await BrokerAway.SaidToBeBackAsync(scenery.Platform);
        await scenery.RestAsync();
        return new Outcome(string.Create(CultureInfo.InvariantCulture, $"{rounds} kills, {wiped} of them with its folder"), []);
    }
}
