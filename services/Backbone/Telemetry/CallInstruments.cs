using System.Diagnostics.Metrics;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Telemetry;

/// <summary>What is counted of calls. Tags name services, methods and reasons; never a person or a payload.</summary>
internal static class CallInstruments
{
    private static readonly Meter Meter = new(Instruments.Name);

    private static readonly Counter<long> RefusedCalls = Meter.CreateCounter<long>("beschutwerk.calls.refused", "{call}", "Calls that ended with a refusal or an error.");

    /// <summary>A call was refused.</summary>
    /// <param name="method">Full name, such as <c>/beschutwerk.uwv.v1.AdviceService/RequestAdvice</c>; <c>backbone</c> for what all services offer.</param>
    /// <param name="reason">Why.</param>
    public static void Refused(string method, ErrorReason reason) =>
        RefusedCalls.Add(1, new("service", method.Split('.') is [_, var service, ..] ? service : ""), new("method", method), new("reason", RefusalStatus.NameOf(reason)));
}
