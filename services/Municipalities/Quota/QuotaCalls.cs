using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Reference;
using Grpc.Core;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>QuotaService: which use case runs in which kind of session.</summary>
public sealed class QuotaCalls(Calls<MunicipalityStore, MunicipalitiesStore> calls, Division division, QuotaApplication application)
    : QuotaService.QuotaServiceBase
{
    public override async Task<ImportQuotaRegulationResponse> ImportQuotaRegulation(ImportQuotaRegulationRequest request, ServerCallContext context)
    {
        var response = await calls.WritePlatform(request, context, (r, session) => Quota.ImportQuotaRegulation.Run(r, division, session));
        // Outside the stored answer: a repeated call goes on where the first one stopped, and says how far it came.
        await application.RunAsync(context.CancellationToken);
        response.Applied = application.Given(Ids.Parse(response.RegulationId));
        return response;
    }

    public override Task<GetQuotaLedgerResponse> GetQuotaLedger(GetQuotaLedgerRequest request, ServerCallContext context) =>
        calls.Read(request, context, Quota.GetQuotaLedger.Run);

    public override Task<ListQuotasResponse> ListQuotas(ListQuotasRequest request, ServerCallContext context) =>
        calls.ReadPlatform(request, context, Quota.ListQuotas.Run);
}
