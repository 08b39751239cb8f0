using BeschutWerk.Backbone;
using BeschutWerk.SwCompanies;

return await ServiceProcess.RunAsync(args, "swcompanies", builder => builder.AddSwCompanies(), routes => routes.MapSwCompanies());
