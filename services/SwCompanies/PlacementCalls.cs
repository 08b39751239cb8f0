using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.SwCompanies.NationalHours;
using BeschutWerk.SwCompanies.Placements;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.SwCompanies;

/// <summary>PlacementService: which use case runs in which session.</summary>
public sealed class PlacementCalls(
    Calls<SwCompanyStore, SwCompaniesPlatformStore> calls, TokenValidator tokens, IHostApplicationLifetime lifetime)
    : PlacementService.PlacementServiceBase
{
    public override Task<ReportPlacementResponse> ReportPlacement(ReportPlacementRequest request, ServerCallContext context) => PlacementIntake.ReportAsync(request, calls, context);

    public override Task ReportPlacements(IAsyncStreamReader<ReportPlacementsRequest> requestStream, IServerStreamWriter<ReportPlacementsResponse> responseStream, ServerCallContext context) =>
        new PlacementStream(calls, tokens, requestStream, context, lifetime.ApplicationStopping).RunAsync(responseStream);

    public override Task<AmendPlacementResponse> AmendPlacement(AmendPlacementRequest request, ServerCallContext context) =>
        calls.Write(request, context, HoursOfPersons.OfAmendedAsync, Placements.AmendPlacement.Run, Placements.AmendPlacement.CheckFields);

    public override Task<EndPlacementResponse> EndPlacement(EndPlacementRequest request, ServerCallContext context) =>
        calls.Write(request, context, HoursOfPersons.OfEndedAsync, (r, _, session) => Placements.EndPlacement.Run(r, session), Placements.EndPlacement.CheckFields);

    public override Task<CorrectPlacementEndResponse> CorrectPlacementEnd(CorrectPlacementEndRequest request, ServerCallContext context) =>
        calls.Write(request, context, HoursOfPersons.OfCorrectedAsync, Placements.CorrectPlacementEnd.Run, Placements.CorrectPlacementEnd.CheckFields);

    public override Task<GetPlacementResponse> GetPlacement(GetPlacementRequest request, ServerCallContext context) => calls.Read(request, context, Placements.GetPlacement.Run);

    public override Task<ListPlacementsResponse> ListPlacements(ListPlacementsRequest request, ServerCallContext context) => calls.Read(request, context, Placements.ListPlacements.Run);
}
